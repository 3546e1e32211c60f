import type { Millis } from "@slash28/ports";
import { conditionOf, timeOf } from "../objects/index.ts";
import type { Job, Pod } from "../objects/index.ts";
import { parseIndexes } from "./indexes.ts";
import { isIndexed } from "./job-pods.ts";
import type { Tally } from "./tally.ts";

/** How a job ends, and why. */
export interface Ending {
  readonly kind: "complete" | "failed";
  readonly reason: string;
  readonly message: string;
}

export interface JobProgress {
  readonly job: Job;
  readonly tally: Tally;
  /** Pods that run or will. */
  readonly active: readonly Pod[];
  readonly now: Millis;
}

/** Whether a job is at its end; decided once, and kept in the conditions `FailureTarget` and `SuccessCriteriaMet`. */
export function endingOf(progress: JobProgress): Ending | undefined {
  const { job } = progress;
  const failing = conditionOf(job.status?.conditions, "FailureTarget");
  if (failing?.status === "True") return { kind: "failed", reason: failing.reason ?? "", message: failing.message ?? "" };
  const met = conditionOf(job.status?.conditions, "SuccessCriteriaMet");
  if (met?.status === "True") return { kind: "complete", reason: met.reason ?? "", message: met.message ?? "" };
  return failureOf(progress) ?? successOf(progress);
}

function failed(reason: string, message: string): Ending {
  return { kind: "failed", reason, message };
}

function failureOf({ job, tally, active, now }: JobProgress): Ending | undefined {
  const { spec } = job;
  if (tally.failJob !== undefined) return failed("PodFailurePolicy", tally.failJob);
  if (tally.failed > (spec.backoffLimit ?? 6) || restartsExceed(job, active)) {
    return failed("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  }
  if (deadlineInMs(job, now) === 0) return failed("DeadlineExceeded", "Job was active longer than specified deadline");
  if (spec.backoffLimitPerIndex === undefined) return undefined;
  if (spec.maxFailedIndexes !== undefined && tally.failedIndexes.size > spec.maxFailedIndexes) {
    return failed("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
  }
  const isOver = tally.completed.size + tally.failedIndexes.size >= (spec.completions ?? 0);
  return isOver && tally.failedIndexes.size > 0 ? failed("FailedIndexes", "Job has failed indexes") : undefined;
}

/** Where containers are restarted in their pod, their restarts are the failures. */
function restartsExceed({ spec }: Job, active: readonly Pod[]): boolean {
  if (spec.template.spec["restartPolicy"] !== "OnFailure") return false;
  const counts = active.flatMap((pod) => (pod.status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount));
  const sum = counts.reduce((total, count) => total + count, 0);
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? sum > 0 : sum >= limit;
}

/** How long the job may still run; `undefined` without a deadline, or before its start. */
export function deadlineInMs({ spec, status }: Job, now: Millis): number | undefined {
  const start = timeOf(status?.startTime);
  if (spec.activeDeadlineSeconds === undefined || start === undefined || spec.suspend === true) return undefined;
  return Math.max(0, start + spec.activeDeadlineSeconds * 1_000 - now);
}

function successOf({ job, tally, active }: JobProgress): Ending | undefined {
  const { completions } = job.spec;
  const rule = isIndexed(job) ? matchedRule(job, tally) : undefined;
  if (rule !== undefined) return { kind: "complete", reason: "SuccessPolicy", message: `Matched rules at index ${rule}` };
  const isDone = completions === undefined ? tally.succeeded > 0 && active.length === 0 : tally.succeeded >= completions;
  return isDone ? { kind: "complete", reason: "CompletionsReached", message: "Reached expected number of succeeded pods" } : undefined;
}

function matchedRule({ spec }: Job, { completed }: Tally): number | undefined {
  const rules = spec.successPolicy?.rules ?? [];
  const found = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && completed.size >= succeededCount;
    const wanted = [...parseIndexes(succeededIndexes, spec.completions)];
    const done = wanted.filter((index) => completed.has(index)).length;
    return done >= (succeededCount ?? wanted.length);
  });
  return found < 0 ? undefined : found;
}
