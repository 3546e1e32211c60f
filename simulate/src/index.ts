export { runPlan, type RunOptions, type RunResult, type StepCounts } from "./run/run-plan.ts";
export type { PlantedBug } from "./planted/planted-bug.ts";
