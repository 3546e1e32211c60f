import type { InstanceLimits } from "@slash28/limits";
import { AGENT_PACE, type Settings } from "@slash28/ipam";
import { Fault, type FaultCode, type InstanceIdentity } from "@slash28/ports";
import type { CniAnswer } from "./cni/cni-answer.ts";
import type { CniEnvelope } from "./cni/cni-request.ts";
import { serveCni, type AgentPhase } from "./cni/serve-cni.ts";
import { createNode, type Node } from "./node.ts";
import { KeyedLock } from "./pods/keyed-lock.ts";
import { forgetAbandoned, forgetKernelOnly } from "./pods/abandoned-sandboxes.ts";
import { Sandboxes } from "./pods/sandboxes.ts";
import { settleSteps } from "./pool/give-back.ts";
import { sweepLeakedEnis } from "./pool/leaked-enis.ts";
import { observeNode } from "./pool/observe-node.ts";
import { createDemandKeeper } from "./pool/demand-keeper.ts";
import type { PoolAgent } from "./pool/pool-agent.ts";
import { startPoolLoop, type PoolLoop } from "./pool/pool-loop.ts";
import { turnPool } from "./pool/turn-pool.ts";
import { countedWiring } from "./report/connmark-counters.ts";
import { whileInProgress } from "./report/pool-counters.ts";
import { whatWorks } from "./report/what-works.ts";
import type { AgentPorts } from "./ports.ts";
import { wireHost } from "./start/host-wiring-of.ts";
import type { NodeObjectFacts } from "./start/node-object.ts";
import { recover, type RecoveryOptions } from "./start/recover.ts";

export interface AgentOptions extends RecoveryOptions {
  readonly settings: Settings;
  readonly identity: InstanceIdentity;
  readonly limits: InstanceLimits;
  /** What kubelet accepts; see `setMaxPods` for what it says later. */
  readonly maxPods: number;
  /** Hears of faults that stop the start, the pool or a look at the node, and of those that only change what it does. */
  readonly onFault: (fault: Fault) => void;
  /** Hears what works again. */
  readonly onOver?: (code: FaultCode, object: string | undefined) => void;
  /** Ends the program. */
  readonly onBug: (cause: unknown) => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Asked under custom networking only. */
  readonly eniConfig: PoolAgent["eniConfig"];
}

/** The agent of one node, without its sockets: what the plugin asks is answered, the pool kept. */
export interface Agent {
  readonly node: Node;
  readonly sandboxes: Sandboxes;
  serve(envelope: CniEnvelope): Promise<CniAnswer>;
  /** Where it is in its life; with it what serves pods. */
  phase(): AgentPhase;
  health(): { readonly healthy: boolean; readonly text: string };
  /** Recovers, then serves pods; until then every request is told to come back. */
  start(): Promise<void>;
  nodeChanged(facts: NodeObjectFacts): void;
  /** Takes nothing new, ends what is under way. The kernel stays as it is: pods keep running. */
  stop(): Promise<void>;
}

export function createAgent(ports: AgentPorts, options: AgentOptions): Agent {
  const node = createNode(options.identity, options.settings, options.limits, options.maxPods);
  const sandboxes = new Sandboxes(node, ports);
  const lock = new KeyedLock();
  const pool: PoolAgent = {
    node,
    sandboxes,
    journal: sandboxes.journal,
    ports,
    wireHost: () => countedWiring(ports.metrics, () => wireHost(node, ports.network, ports.log)),
    tell: options.onFault,
    random: options.random,
    eniConfig: options.eniConfig,
  };
  const keeper = createDemandKeeper(node, ports.demand, ports);
  const stopped = new AbortController();
  let phase: AgentPhase = { kind: "starting" };
  let loop: PoolLoop | undefined;

  const startLoops = (): void => {
    loop = startPoolLoop({
      clock: ports.clock,
      log: ports.log,
      turn: () => turnAndTell(pool, options),
      observe: (force) => whileInProgress(ports.metrics, "nodeIPPoolReconcile", () => observeAndMend(pool, lock, force)),
      isUrgent: () => sandboxes.waiters.count > 0,
      onBug: options.onBug,
    });
    sandboxes.onDemand = () => loop?.wake();
    sweepNowAndThen(pool, options.random, stopped.signal).catch(options.onBug);
  };

  return {
    node,
    sandboxes,
    serve: (envelope) => serveCni(envelope, phase, ports.log),
    phase: () => phase,
    health: () => healthOf(phase, node),
    async start() {
      keeper.recall().then(() => keeper.run(stopped.signal), options.onBug);
      await whileInProgress(ports.metrics, "nodeInit", () => recover(pool, options));
      phase = { kind: "serving", service: { node, sandboxes, lock, clock: ports.clock, log: ports.log, metrics: ports.metrics } };
      startLoops();
    },
    nodeChanged({ maxPods, isUnschedulable, eniConfigName }) {
      node.eniConfigName = eniConfigName;
      if (maxPods !== undefined) node.maxPods = maxPods;
      const mayChange = !isUnschedulable || options.settings.enis.manageWhenUnschedulable;
      if (node.frozen !== "provisioning-disabled") node.frozen = mayChange ? undefined : "node-unschedulable";
      loop?.wake();
    },
    async stop() {
      phase = { kind: "stopping" };
      stopped.abort();
      sandboxes.waiters.ring();
      await Promise.all([lock.idle(), loop?.stop(), keeper.keep()]);
    },
  };
}

function healthOf(phase: AgentPhase, node: Node): { readonly healthy: boolean; readonly text: string } {
  if (phase.kind === "serving") return { healthy: true, text: "serving" };
  const why = node.lastFault === undefined ? "" : `: ${node.lastFault.message}`;
  return { healthy: false, text: `${phase.kind}${why}` };
}

async function turnAndTell(pool: PoolAgent, { onFault, onOver }: Pick<AgentOptions, "onFault" | "onOver">): ReturnType<typeof turnPool> {
  const turn = await turnPool(pool);
  if (turn.fault !== undefined) onFault(turn.fault);
  else if (onOver !== undefined) for (const { code, object } of whatWorks(pool.node, turn.plan)) onOver(code, object);
  return turn;
}

/** A look at the node. What it cannot do now is done by a later one. */
async function observeAndMend(pool: PoolAgent, lock: KeyedLock, force: boolean): Promise<void> {
  const { node, ports } = pool;
  try {
    await settleSteps(pool);
    await observeNode(pool, force);
    if (node.hostFault !== undefined) pool.wireHost();
    await forgetKernelOnly(pool);
    await forgetAbandoned(pool, lock);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    pool.tell(cause);
    ports.metrics.add("awscni_ipamd_error_count", { fn: "reconcileFailedGetENIs" });
    ports.log.warn("the node could not be compared with EC2", { fault: cause.code, why: cause.message });
  }
}

async function sweepNowAndThen({ node, ports }: PoolAgent, random: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await ports.clock.sleep(AGENT_PACE.sweepEveryMs + random() * AGENT_PACE.sweepSpreadMs, signal);
    if (!signal.aborted) await sweepLeakedEnis(node, ports);
  }
}
