import type { Ipv4 } from "@slash28/address";
import { INSTANCE_TAG } from "@slash28/ipam";
import { Fault } from "@slash28/ports";
import { isLow, type UpstreamFacts } from "./pool-rules.ts";
import { handBack, increase, poolStep } from "./pool-step.ts";
import { reconcile } from "./reconcile.ts";
import { retryWithBackoff } from "./sdk-retry.ts";
import { UpstreamStore } from "./store.ts";
import { setUpEni } from "./upstream-enis.ts";
import type { UpstreamIdentity, UpstreamMemory, UpstreamPorts } from "./upstream-ports.ts";

/** Half of a turn: the pool's, then the comparison's. */
const PAUSE_MS = 2_500;
const TAGGING = { firstMs: 500, jitter: 0.3, tries: 5 } as const;
const SETTING_UP = { firstMs: 10_000, jitter: 0, tries: 6 } as const;

export interface UpstreamOptions {
  readonly ports: UpstreamPorts;
  readonly identity: UpstreamIdentity;
  readonly facts: UpstreamFacts;
  /** The file that outlives the process: who holds what, and nothing else. */
  readonly checkpoint: { held: ReadonlyMap<string, Ipv4> };
}

/** One process of the VPC CNI's daemon, by its published behaviour: a comparison, not a part of the agent. */
export class UpstreamDaemon {
  readonly memory: UpstreamMemory;
  readonly #checkpoint: UpstreamOptions["checkpoint"];
  /** The configuration is on the node, so kubelet calls it ready; whether there is an address is not asked. */
  isReady = false;

  constructor({ ports, identity, facts, checkpoint }: UpstreamOptions) {
    const { prefixDelegation: usesPrefixes, cooldownMs } = facts.settings;
    this.#checkpoint = checkpoint;
    this.memory = {
      ports,
      identity,
      facts,
      store: new UpstreamStore({ usesPrefixes, cooldownMs, random: ports.random }),
      handedBack: new Map(),
      capacityUntil: 0,
      decreasedAt: 0,
      reconciledAt: 0,
    };
  }

  /** From the start of the process until pods are served. Rejects when the process would exit. */
  async start(): Promise<void> {
    const { memory } = this;
    const { ports, identity, facts, store } = memory;
    const { call, ec2, clock } = ports;
    const shown = await ports.metadata.enis();
    const listed = await call("DescribeNetworkInterfaces", () => ec2.describeEnis(shown.map(({ id }) => id)));
    for (const eni of listed) {
      if (eni.tags[INSTANCE_TAG] === identity.instanceId) continue;
      const tag = (): Promise<void> => call("CreateTags", () => ec2.tag(eni.id, { [INSTANCE_TAG]: identity.instanceId }));
      await retryWithBackoff(clock, ports.random, TAGGING, tag);
    }
    for (const eni of shown) {
      await retryWithBackoff(clock, ports.random, SETTING_UP, () => setUpEni(memory, eni)).catch((cause: unknown) => {
        if (!(cause instanceof Fault)) throw cause;
      });
    }
    store.restore(this.#checkpoint.held);
    this.#checkpoint.held = store.checkpoint();
    await this.#handBackOtherMode();
    if (!facts.settings.customNetworking) await this.#setGroups();
    if (isLow(store, facts, clock.now())) await increase(memory);
    if (facts.settings.customNetworking && store.counts(clock.now()).total === 0)
      throw new Fault("EC2_FAILED", {
        api: "nodeInit",
        code: "NoAddress",
        detail: "custom networking has no address after the first step",
      });
    this.isReady = true;
  }

  /** Turns for ever. */
  async run(): Promise<void> {
    for (;;) {
      await this.memory.ports.clock.sleep(PAUSE_MS);
      await poolStep(this.memory);
      await this.memory.ports.clock.sleep(PAUSE_MS);
      await reconcile(this.memory);
    }
  }

  /** ADD: an address at once, or none. */
  add(pod: string): Ipv4 | undefined {
    const address = this.memory.store.assign(pod, this.memory.ports.clock.now());
    this.#checkpoint.held = this.memory.store.checkpoint();
    return address;
  }

  /** DEL; a pod that is not known is done with. */
  del(pod: string): void {
    this.memory.store.unassign(pod, this.memory.ports.clock.now());
    this.#checkpoint.held = this.memory.store.checkpoint();
  }

  async #handBackOtherMode(): Promise<void> {
    const { store } = this.memory;
    for (const eni of store.enis.values()) {
      const others = [...eni.cidrs.values()].filter((block) => block.isPrefix !== store.usesPrefixes && !store.hasPods(block));
      if (others.length > 0)
        await handBack(
          this.memory,
          eni,
          others.map(({ cidr }) => cidr),
        );
    }
  }

  /** The cache of security groups starts empty, so each start sets them on every ENI. */
  async #setGroups(): Promise<void> {
    const { ports, store } = this.memory;
    const { groups } = await ports.metadata.identity();
    for (const eni of store.enis.keys()) await ports.call("ModifyNetworkInterfaceAttribute", () => ports.ec2.setGroups(eni, groups));
  }
}
