export { runPlan, type RunOptions, type RunResult, type StepCounts } from "./run/run-plan.ts";
export { replayCommand, runSeeds, type FoundViolation, type SeedsReport } from "./run/run-seeds.ts";
export type { PlantedBug } from "./planted/planted-bug.ts";
export { huntBug, PLANTED_BUGS, type BugReport } from "./planted/planted-bugs.ts";
