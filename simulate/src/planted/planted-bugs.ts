import { scenarioOf } from "@slash28/simulation";
import { runPlan } from "../run/run-plan.ts";
import { CLOUD_BUGS } from "./cloud-bugs.ts";
import { JOURNAL_BUGS } from "./journal-bugs.ts";
import { LEDGER_BUGS } from "./ledger-bugs.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { SETTINGS_BUGS } from "./settings-bugs.ts";

/** Mistakes to be found: each is planted by itself. */
export const PLANTED_BUGS: readonly PlantedBug[] = [...SETTINGS_BUGS, ...JOURNAL_BUGS, ...CLOUD_BUGS, ...LEDGER_BUGS];

export interface BugReport {
  readonly bug: string;
  readonly caught: boolean;
  /** Until it was caught, over all seeds tried. */
  readonly steps: number;
  /** The invariant that broke, and the seed. */
  readonly by?: string;
  readonly seed?: number;
}

export interface HuntLimits {
  /** The first seed. */
  readonly from: number;
  readonly seeds: number;
  readonly steps: number;
}

/** Runs one seed after the other until an invariant breaks. */
export async function huntBug(bug: PlantedBug, { from, seeds, steps }: HuntLimits): Promise<BugReport> {
  let taken = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await runPlan({ seed, steps, faults: scenarioOf(seed).faults }, { bug });
    taken += result.steps;
    if (result.violation !== undefined) return { bug: bug.name, caught: true, steps: taken, by: result.violation.invariant, seed };
  }
  return { bug: bug.name, caught: false, steps: taken };
}
