import { formatSteps, minimise, scenarioOf, type RunPlan, type Violation } from "@slash28/simulation";
import { runPlan } from "./run-plan.ts";

/** A seed that broke an invariant, made as small as the tries allowed. */
export interface FoundViolation extends Violation {
  readonly seed: number;
  /** The step it broke at, as the seed was run. */
  readonly step: number;
  /** Replays the smaller run. */
  readonly replay: string;
}

export interface SeedsReport {
  readonly seeds: number;
  readonly steps: number;
  readonly violations: readonly FoundViolation[];
}

export interface SeedsOptions {
  readonly from: number;
  readonly count: number;
  readonly steps: number;
  /** Told after each seed. */
  readonly onSeed?: (seed: number, steps: number) => void;
}

/** Runs seeds one after the other; a failing one is made smaller before the next. */
export async function runSeeds({ from, count, steps, onSeed }: SeedsOptions): Promise<SeedsReport> {
  const violations: FoundViolation[] = [];
  let taken = 0;
  for (let seed = from; seed < from + count; seed++) {
    const plan = { seed, steps, faults: scenarioOf(seed).faults };
    const result = await runPlan(plan);
    taken += result.steps;
    const { violation } = result;
    if (violation !== undefined)
      violations.push({ ...violation, seed, step: result.steps, replay: replayCommand(await shrink(plan, violation)) });
    onSeed?.(seed, taken);
  }
  return { seeds: count, steps: taken, violations };
}

function shrink(plan: RunPlan, { invariant }: Violation): Promise<RunPlan> {
  return minimise(plan, async (candidate) => {
    const { violation, steps, acts } = await runPlan(candidate);
    return violation?.invariant === invariant ? { step: steps, acts } : undefined;
  });
}

export function replayCommand({ seed, steps, faults, only }: RunPlan): string {
  const kept = only === undefined ? "" : ` --only ${formatSteps(only)}`;
  return `npm run simulate-faults -- --seed ${seed} --steps ${steps} --faults ${faults.length === 0 ? '""' : faults.join(",")}${kept}`;
}
