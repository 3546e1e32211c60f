import { NO_STEPS, type StepCounts } from "./run-plan.ts";
import type { FoundViolation, SeedResult } from "./run-seed.ts";

export interface SeedsReport {
  /** Seeds that were run to their end, or to a violation. */
  readonly seeds: number;
  readonly steps: number;
  readonly counts: StepCounts;
  readonly violations: readonly FoundViolation[];
}

/** Adds up what became of seeds, in the order given. */
export function reportOf(results: readonly SeedResult[]): SeedsReport {
  const counts = { ...NO_STEPS };
  for (const result of results) for (const kind of Object.keys(counts) as (keyof StepCounts)[]) counts[kind] += result.counts[kind];
  return {
    seeds: results.length,
    steps: results.reduce((sum, { steps }) => sum + steps, 0),
    counts,
    violations: results.flatMap(({ violation }) => violation ?? []),
  };
}
