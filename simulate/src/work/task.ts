import { huntBug, PLANTED_BUGS, type BugReport } from "../planted/planted-bugs.ts";
import { runSeed, type SeedResult } from "../run/run-seed.ts";

/** A piece of work that no other depends on: plain data, so that it can be sent to another thread. */
export interface SeedTask {
  readonly kind: "seed";
  readonly seed: number;
  readonly steps: number;
}

export interface HuntTask {
  readonly kind: "hunt";
  /** Name of a planted bug. */
  readonly bug: string;
  readonly from: number;
  readonly seeds: number;
  readonly steps: number;
}

export type Task = SeedTask | HuntTask;

/** What becomes of a task. */
export type Outcome<T extends Task> = T extends SeedTask ? SeedResult : BugReport;

export function perform(task: Task): Promise<SeedResult | BugReport> {
  if (task.kind === "seed") return runSeed(task.seed, task.steps);
  const bug = PLANTED_BUGS.find(({ name }) => name === task.bug);
  if (bug === undefined) throw new TypeError(`there is no planted bug ${task.bug}`);
  return huntBug(bug, task);
}
