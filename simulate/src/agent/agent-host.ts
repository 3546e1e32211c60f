import { createAgent, type Agent, type AgentPorts, type CniAnswer, type CniEnvelope } from "@slash28/agent";
import { parseSettings, type Settings } from "@slash28/ipam";
import { createFileJournal } from "@slash28/linux/journal";
import { Fault, type InstanceIdentity, type Log } from "@slash28/ports";
import { createRandom, createVirtualClock, type Random } from "@slash28/simulation";
import { createMemoryMetadata, quietLog } from "@slash28/testkit";
import type { PlantedBug } from "../planted/planted-bug.ts";
import { kernelPortOf } from "../world/kernel-port.ts";
import { Killed, Life } from "../world/life.ts";
import type { World } from "../world/world.ts";
import { nodeFactsFor } from "./kube-side.ts";

/** One run of the agent's program. */
interface Process {
  readonly life: Life;
  readonly agent: Agent;
  readonly settings: Settings;
  isServing: boolean;
}

export interface AgentHostOptions {
  readonly world: World;
  readonly bug: PlantedBug | undefined;
  /** A process of the agent starts. */
  readonly onStart: () => void;
  /** Gets the agent's log. */
  readonly log?: Log;
}

const JOURNAL = "/var/run/aws-node/ipam.journal";
const DEMAND = "/var/run/aws-node/ipam.demand";
/** How long the real program waits for its agent to stop. */
const STOP_WITHIN_MS = 3_000;

/** The machine's side of the agent: starts its program, kills it, starts it again. */
export class AgentHost {
  readonly #options: AgentHostOptions;
  #identity: InstanceIdentity | undefined;
  #process: Process | undefined;
  #env: Readonly<Record<string, string>>;
  #lives = 0;
  isUnschedulable = false;

  constructor(options: AgentHostOptions) {
    this.#options = options;
    this.#env = options.world.scenario.settings[0] ?? {};
  }

  /** The agent when it serves pods. */
  get serving(): Agent | undefined {
    return this.#process?.isServing === true ? this.#process.agent : undefined;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** How many processes there were: a sandbox's record may be lost between two. */
  get lives(): number {
    return this.#lives;
  }

  /** What the node is set to, as the checks expect it: without what a planted bug makes of it. */
  get settings(): Settings {
    return parseSettings(this.#env).settings;
  }

  async start(): Promise<void> {
    const { world } = this.#options;
    if (this.#process !== undefined) return;
    this.#identity = await createMemoryMetadata(world.side.cloud, world.side.instanceId).identity();
    this.#lives++;
    this.#options.onStart();
    world.note(`the agent starts, life ${this.#lives}`);
    const running = this.#create(this.#identity, createRandom("agent", world.scenario.seed, this.#lives));
    this.#process = running;
    if (!world.windows.isOpen("kube-away")) running.agent.nodeChanged(nodeFactsFor(world, this.isUnschedulable));
    running.agent.start().then(
      () => {
        running.isServing = true;
        if (!running.life.isOver) world.note("the agent serves");
      },
      (cause: unknown) => this.#failed(running, cause),
    );
  }

  /** `kill -9`. What was not flushed may be lost. */
  crash(random: Random, restartsInMs: readonly [number, number] = [100, 4_000]): void {
    const { world } = this.#options;
    if (this.#process === undefined) return;
    world.note("the agent is killed");
    this.#end(random);
    this.#startLater(random.between(...restartsInMs));
  }

  /** `kill -9` without anything that follows: nobody starts it again, and the disk has all that was written. */
  kill(): void {
    this.#end(undefined);
  }

  /** Kills the agent within one of its next calls to the outside. */
  armCrash(random: Random): void {
    const running = this.#process;
    if (running !== undefined) running.life.callsLeft ??= random.between(1, 25);
  }

  /** No crash is waiting to strike any more. */
  disarm(): void {
    if (this.#process !== undefined) this.#process.life.callsLeft = undefined;
  }

  /** Ends the program as a rollout does, and starts it with other settings. */
  rollOut(env: Readonly<Record<string, string>>, random: Random): void {
    const { world } = this.#options;
    const running = this.#process;
    if (running === undefined) return;
    world.note("the agent is told to stop");
    const end = (): void => {
      if (this.#process !== running) return;
      this.#end(undefined);
      this.#env = env;
      this.#startLater(random.between(50, 2_000));
    };
    world.timeline.schedule(STOP_WITHIN_MS, { label: "the agent had time to stop", isVoid: () => running.life.isOver, fire: end });
    void running.agent.stop().then(end);
  }

  /** Asks as the plugin does; `undefined` when nobody answers, or no longer. */
  request(envelope: CniEnvelope): Promise<CniAnswer | undefined> {
    const running = this.#process;
    if (running === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const forget = running.life.onEnd(() => resolve(undefined));
      void running.agent.serve(envelope).then((answer) => {
        if (running.life.isOver) return;
        forget();
        resolve(answer);
      });
    });
  }

  /** The Node object changed. */
  nodeChanged(): void {
    const { world } = this.#options;
    if (!world.windows.isOpen("kube-away")) this.#process?.agent.nodeChanged(nodeFactsFor(world, this.isUnschedulable));
  }

  #create(identity: InstanceIdentity, random: Random): Process {
    const { world, bug, log = quietLog } = this.#options;
    const life = new Life(() => this.crash(random));
    const given = parseSettings(this.#env).settings;
    const settings = bug?.settings?.(given) ?? given;
    const agentOf = (): Agent | undefined => (this.#process?.life === life ? this.#process.agent : undefined);
    const agent = createAgent(this.#portsOf(life, agentOf, log), {
      settings,
      identity,
      limits: world.limits,
      maxPods: world.scenario.maxPods,
      journalPath: JOURNAL,
      readCheckpoint: async () => undefined,
      isModelled: () => false,
      random: () => random.next(),
      eniConfig: async () => {
        if (world.windows.isOpen("kube-away")) throw new Fault("KUBE_UNREACHABLE", { detail: "it is away" });
        const name = "us-east-1a";
        if (world.windows.isOpen("eni-config-missing")) throw new Fault("ENI_CONFIG_UNUSABLE", { name, detail: "does not exist" });
        return { name, subnetId: world.eniConfigSubnet, groups: [] };
      },
      onFault: () => undefined,
      onBug: (cause) => this.#failed(this.#process?.life === life ? this.#process : undefined, cause),
    });
    bug?.agent?.(agent, random);
    return { life, agent, settings, isServing: false };
  }

  #portsOf(life: Life, agentOf: () => Agent | undefined, log: Log): AgentPorts {
    const { world, bug } = this.#options;
    const { kernel, windows, kernelRandom } = world;
    const journal = createFileJournal(JOURNAL, world.disk.filesOf(life));
    const metadata = world.metadata.portOf(life);
    const ec2 = bug?.ec2?.(world.ec2, agentOf) ?? world.ec2;
    return {
      clock: createVirtualClock(world.timeline, world.clockOffsetMs, () => life.isOver),
      log,
      metrics: { add: () => undefined, set: () => undefined, observe: () => undefined },
      journal: bug?.journal?.(journal) ?? journal,
      demand: createFileJournal(DEMAND, world.disk.filesOf(life)),
      network: kernelPortOf(life, { kernel, windows, random: kernelRandom, onChange: () => (world.isKernelChanged = true) }),
      ec2: world.wire.portOf(life, ec2),
      metadata: bug?.metadata?.(metadata, agentOf) ?? metadata,
    };
  }

  /** The program ends when its start fails, and at a bug. */
  #failed(running: Process | undefined, cause: unknown): void {
    const { world } = this.#options;
    if (running === undefined || running.life.isOver || cause instanceof Killed) return;
    const isExpected = cause instanceof Fault && cause.blame !== "bug" && cause.code !== "JOURNAL_UNREADABLE";
    if (!isExpected)
      world.report({ invariant: "agent-bug", text: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) });
    world.note(`the agent ends: ${cause instanceof Error ? cause.message : String(cause)}`);
    this.#end(undefined);
    this.#startLater(2_000);
  }

  /** @param torn absent: everything written so far is on the disk, as when a program exits. */
  #end(torn: Random | undefined): void {
    const { world } = this.#options;
    this.#process?.life.end();
    this.#process = undefined;
    if (torn !== undefined && world.scenario.faults.includes("journal-torn")) world.disk.tear(torn);
  }

  #startLater(inMs: number): void {
    const { timeline } = this.#options.world;
    timeline.schedule(inMs, { label: "start of the agent", isVoid: () => this.#process !== undefined, fire: () => void this.start() });
  }
}
