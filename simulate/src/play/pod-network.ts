import type { Ipv4 } from "@slash28/address";
import { AgentHost } from "../agent/agent-host.ts";
import { addressOf, callFor } from "../pods/cni-call.ts";
import { newSandbox } from "../pods/sandbox.ts";
import { UpstreamHost } from "../upstream/upstream-host.ts";
import type { World } from "../world/world.ts";

/** What gives pods their addresses on the node of a play: the agent, or the model of upstream. */
export interface PodNetwork {
  /** One try; `undefined` when there is no answer or no address. */
  add(pod: string, container: string): Promise<Ipv4 | undefined>;
  /** Whether it was done. */
  del(pod: string, container: string): Promise<boolean>;
  start(): Promise<void>;
  crash(): void;
  /** Serves pods. */
  readonly isServing: boolean;
  /** Addresses that it holds at EC2 and can give to pods, by its own book. */
  readonly held: number;
}

export interface AgentNetwork extends PodNetwork {
  readonly host: AgentHost;
}

export interface UpstreamNetwork extends PodNetwork {
  readonly host: UpstreamHost;
}

/** The real agent. */
export function agentNetwork(world: World): AgentNetwork {
  const host = new AgentHost({ world, bug: undefined, onStart: () => undefined });
  return {
    host,
    async add(pod, container) {
      const sandbox = newSandbox(pod, container);
      world.kernel.addNamespace(sandbox.netns);
      const answer = await host.request(callFor("ADD", sandbox));
      return answer?.exitCode === 0 ? addressOf(answer) : undefined;
    },
    async del(pod, container) {
      const sandbox = newSandbox(pod, container);
      const answer = await host.request(callFor("DEL", sandbox));
      if (answer?.exitCode === 0) world.kernel.removeNamespace(sandbox.netns);
      return answer?.exitCode === 0;
    },
    start: () => host.start(),
    crash: () => host.kill(),
    get isServing() {
      return host.serving !== undefined;
    },
    get held() {
      return host.serving?.node.ledger.counts(world.timeline.now).held ?? 0;
    },
  };
}

/** Upstream's rules. */
export function upstreamNetwork(world: World): UpstreamNetwork {
  const host = new UpstreamHost(world);
  return {
    host,
    add: async (_pod, container) => host.serving?.add(container),
    async del(_pod, container) {
      host.serving?.del(container);
      return host.serving !== undefined;
    },
    start: async () => host.start(),
    crash: () => host.crash(),
    get isServing() {
      return host.serving !== undefined;
    },
    get held() {
      return host.serving?.memory.store.counts(world.timeline.now).total ?? 0;
    },
  };
}
