export { runPlan, type RunOptions, type RunResult, type StepCounts } from "./run/run-plan.ts";
export { replayCommand, runSeed, type FoundViolation, type SeedResult } from "./run/run-seed.ts";
export { reportOf, type SeedsReport } from "./run/seeds-report.ts";
export type { PlantedBug } from "./planted/planted-bug.ts";
export { huntBug, PLANTED_BUGS, type BugReport } from "./planted/planted-bugs.ts";
export { massStart, type MassStart, type MassStartOptions } from "./fleet/mass-start.ts";
export { churn, TRACE_NAMES, type ChurnResult, type TraceName } from "./play/churn.ts";
