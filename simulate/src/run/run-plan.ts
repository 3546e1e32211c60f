import type { Log } from "@slash28/ports";
import { createRandom, scenarioOf, type FaultKind, type Random, type RunPlan, type Scenario, type Violation } from "@slash28/simulation";
import { AgentHost } from "../agent/agent-host.ts";
import type { PlantedBug } from "../planted/planted-bug.ts";
import { Kubelet } from "../pods/kubelet.ts";
import { Killed } from "../world/life.ts";
import { createWorld, type World } from "../world/world.ts";
import { breakSomething, uncordon, type Stage } from "./break-something.ts";
import { checkOrphans, checkQuiet, roomsOf, type Rooms } from "./quiet-node.ts";
import { checkStep } from "./step-checks.ts";

export interface RunOptions {
  readonly bug?: PlantedBug;
  /** Gets each line of the trace. */
  readonly trace?: (line: string) => void;
  /** Gets the agent's own log. */
  readonly log?: Log;
}

/** How many steps there were of each kind. */
export interface StepCounts {
  pods: number;
  faults: number;
  deliveries: number;
  /** Deliveries while all was quiet. */
  quiet: number;
}

export const NO_STEPS: Readonly<StepCounts> = { pods: 0, faults: 0, deliveries: 0, quiet: 0 };

export function countsText({ pods, faults, deliveries, quiet }: StepCounts): string {
  return `${pods} of pods, ${faults} faults, ${deliveries} deliveries, ${quiet} in quiet`;
}

export interface RunResult {
  readonly steps: number;
  readonly counts: StepCounts;
  /** Checksum of the trace. */
  readonly digest: string;
  readonly violation?: Violation;
  /** The steps that asked or broke something. */
  readonly acts: readonly number[];
}

/** A storm of pods and faults, then quiet; each fifth quiet outlasts two hourly sweeps, for the first may only set a date right. */
const STORM_STEPS = [200, 1_800] as const;
const QUIET_MS = 12 * 60_000;
const LONG_QUIET_MS = 140 * 60_000;
const LONG_EVERY = 5;
/** Before the quiet is over by this, GC runs; a subnet that refused is asked again within 120 s, a surplus goes back within 240 s of its rest. */
const COLLECT_BEFORE_MS = 330_000;
/** Requests to EC2 in a minute of quiet, the mending of what came before included. */
const CALLS_MOST = 15;

/** Runs one plan to its end, or to the first violation. The same plan gives the same trace, digest and result. */
export async function runPlan(plan: RunPlan, options: RunOptions = {}): Promise<RunResult> {
  const original = scenarioOf(plan.seed);
  const world = await createWorld({ ...original, faults: plan.faults }, options.trace);
  const log = options.log === undefined ? {} : { log: options.log };
  const host: AgentHost = new AgentHost({ world, bug: options.bug, onStart: () => kubelet.agentStarts(), ...log });
  const kubelet = new Kubelet({ world, host });
  const run = new Run(plan, original, { world, host, kubelet });
  const onRejection = (cause: unknown): void => {
    if (cause instanceof Killed) return;
    world.report({
      invariant: "agent-bug",
      text: `nobody handles ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
    });
  };
  process.on("unhandledRejection", onRejection);
  try {
    await host.start();
    return await run.toEnd();
  } finally {
    process.off("unhandledRejection", onRejection);
  }
}

class Run {
  readonly #plan: RunPlan;
  readonly #scenario: Scenario;
  readonly #stage: Stage;
  readonly #only: ReadonlySet<number> | undefined;
  readonly #counts: StepCounts = { ...NO_STEPS };
  readonly #acts: number[] = [];
  #storms = 0;
  #stormEndsAt: number;
  #quietUntil: number | undefined;
  /** What the subnets could give when GC ran. */
  #rooms: Rooms | undefined;
  #callsBefore = 0;

  constructor(plan: RunPlan, scenario: Scenario, stage: Stage) {
    this.#plan = plan;
    this.#scenario = scenario;
    this.#stage = stage;
    this.#only = plan.only === undefined ? undefined : new Set(plan.only);
    this.#stormEndsAt = this.#nextStormEnd(0);
  }

  async toEnd(): Promise<RunResult> {
    const { world, host, kubelet } = this.#stage;
    let step = 0;
    while (step < this.#plan.steps && world.violation === undefined) {
      step++;
      this.#step(step);
      await drained();
      checkStep(world, host, kubelet);
      if (this.#quietUntil !== undefined) await this.#endQuiet(step);
    }
    const { violation, digest } = world;
    return {
      steps: step,
      counts: this.#counts,
      digest: digest.hex,
      acts: this.#acts,
      ...(violation === undefined ? {} : { violation }),
    };
  }

  #step(step: number): void {
    if (this.#quietUntil !== undefined) {
      this.#counts.quiet++;
      return this.#deliver();
    }
    // The agent reacts before time goes on.
    if (step >= this.#stormEndsAt) return this.#beginQuiet();
    const random = createRandom(this.#plan.seed, "step", step);
    const roll = random.next();
    if (roll < this.#scenario.faultShare) return this.#fault(step, random);
    if (roll < this.#scenario.faultShare + this.#scenario.podShare) return this.#pods(step, random);
    this.#counts.deliveries++;
    this.#deliver();
  }

  #deliver(): void {
    const { world } = this.#stage;
    const event = world.timeline.advance();
    if (event === undefined) return;
    world.note(event.label);
    event.fire();
  }

  #pods(step: number, random: Random): void {
    if (this.#only?.has(step) === false) return;
    this.#acts.push(step);
    this.#counts.pods++;
    this.#stage.kubelet.act(random);
  }

  #fault(step: number, random: Random): void {
    const { faults } = this.#scenario;
    if (faults.length === 0 || this.#only?.has(step) === false) return;
    const kind: FaultKind = random.pick(faults);
    if (!this.#plan.faults.includes(kind)) return;
    this.#acts.push(step);
    this.#counts.faults++;
    breakSomething(kind, this.#stage, random);
  }

  #beginQuiet(): void {
    const { world, host } = this.#stage;
    this.#storms++;
    world.note("quiet begins");
    world.windows.closeAll();
    uncordon(host);
    host.disarm();
    world.wire.delayNone();
    this.#rooms = undefined;
    this.#callsBefore = world.wire.calls;
    this.#quietUntil = world.timeline.now + (this.#isLong ? LONG_QUIET_MS : QUIET_MS);
  }

  async #endQuiet(step: number): Promise<void> {
    const { world, kubelet } = this.#stage;
    const { now } = world.timeline;
    const until = this.#quietUntil ?? now;
    if (this.#rooms === undefined && now >= until - COLLECT_BEFORE_MS) {
      this.#rooms = roomsOf(world);
      kubelet.collect();
      for (const sandbox of kubelet.running()) kubelet.check(sandbox);
      await drained();
    }
    if (now < until) return;
    world.note("quiet ends");
    this.#quietUntil = undefined;
    const calls = (world.wire.calls - this.#callsBefore) / ((this.#isLong ? LONG_QUIET_MS : QUIET_MS) / 60_000);
    if (calls > CALLS_MOST)
      world.report({ invariant: "call-storm", text: `${calls.toFixed(1)} requests to EC2 a minute, though nothing happens` });
    checkQuiet(this.#stage, this.#rooms ?? roomsOf(world));
    if (this.#isLong) checkOrphans(world);
    this.#stormEndsAt = this.#nextStormEnd(step);
  }

  get #isLong(): boolean {
    return this.#storms % LONG_EVERY === 0;
  }

  #nextStormEnd(step: number): number {
    return step + createRandom(this.#plan.seed, "storm", this.#storms).between(...STORM_STEPS);
  }
}

/** Lets everything that is ready run: no port of a simulated agent waits for anything but promises and virtual time. */
function drained(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

export type { World };
