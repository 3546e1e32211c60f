import { formatSteps, minimise, scenarioOf, type RunPlan, type Violation } from "@slash28/simulation";
import { runPlan, type StepCounts } from "./run-plan.ts";

/** A seed that broke an invariant, made as small as the tries allowed. */
export interface FoundViolation extends Violation {
  readonly seed: number;
  /** The step it broke at, as the seed was run. */
  readonly step: number;
  /** Replays the smaller run. */
  readonly replay: string;
}

export interface SeedResult {
  readonly seed: number;
  /** Steps taken: fewer than asked for when an invariant broke. */
  readonly steps: number;
  readonly counts: StepCounts;
  readonly violation?: FoundViolation;
}

/** Runs the world of one seed; one that fails is made smaller. */
export async function runSeed(seed: number, steps: number): Promise<SeedResult> {
  const plan = { seed, steps, faults: scenarioOf(seed).faults };
  const { violation, counts, steps: taken } = await runPlan(plan);
  if (violation === undefined) return { seed, steps: taken, counts };
  return {
    seed,
    steps: taken,
    counts,
    violation: { ...violation, seed, step: taken, replay: replayCommand(await shrink({ ...plan, steps: taken }, violation)) },
  };
}

/** Steps that making a run smaller may cost: most of a minute. */
const SHRINK_STEPS = 1_000_000;
const SHRINK_TRIES = [40, 200] as const;

function shrink(plan: RunPlan, { invariant }: Violation): Promise<RunPlan> {
  const tries = Math.min(SHRINK_TRIES[1], Math.max(SHRINK_TRIES[0], Math.floor(SHRINK_STEPS / plan.steps)));
  return minimise(
    plan,
    async (candidate) => {
      const { violation, steps, acts } = await runPlan(candidate);
      return violation?.invariant === invariant ? { step: steps, acts } : undefined;
    },
    tries,
  );
}

export function replayCommand({ seed, steps, faults, only }: RunPlan): string {
  const kept = only === undefined ? "" : ` --only ${formatSteps(only)}`;
  return `npm run simulate-faults -- --seed ${seed} --steps ${steps} --faults ${faults.length === 0 ? '""' : faults.join(",")}${kept}`;
}
