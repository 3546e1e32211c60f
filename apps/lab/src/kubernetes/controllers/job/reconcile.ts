import type { Millis } from "@slash28/ports";
import { conditionOf, isActive, isControlledBy, isReady, timeOf, timeText, withCondition } from "../objects/index.ts";
import type { Condition, Job, JobStatus, Pod } from "../objects/index.ts";
import { isTerminating, isTracked, outcomeOf } from "./job-pods.ts";
import { tally } from "./tally.ts";
import { deadlineInMs, endingOf } from "./verdict.ts";
import type { Ending } from "./verdict.ts";
import { crewOf } from "./wanted-pods.ts";
import type { Running, WantedPod } from "./wanted-pods.ts";

export interface JobObserved {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly now: Millis;
}

/** One turn of a job, in this order: write the status, let pods go, then create and delete. */
export interface JobPlan {
  readonly status: JobStatus;
  /** Pods that lose the tracking finalizer once the status is written. */
  readonly release: readonly Pod[];
  readonly create: readonly WantedPod[];
  readonly delete: readonly Pod[];
  /** Deleted without counting as failed. */
  readonly isUncounted: boolean;
  /** Its time after the end is over. */
  readonly expire: boolean;
  readonly afterMs?: number;
  /** What to tell about the job. */
  readonly news: readonly { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string }[];
}

const NOTHING = { release: [], create: [], delete: [], isUncounted: false, expire: false, news: [] } as const;

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
export function reconcileJob({ job, pods, now }: JobObserved): JobPlan {
  const mine = pods.filter((pod) => isControlledBy(pod, job));
  const status = job.status ?? {};
  if (job.metadata.deletionTimestamp !== undefined) return { ...NOTHING, status, release: mine.filter(isTracked) };
  if (isFinished(job)) return { ...NOTHING, status, ...expiry(job, now), release: mine.filter(isTracked) };
  const books = tally(job, mine);
  const active = mine.filter((pod) => isActive(pod) && outcomeOf(job, pod) === undefined);
  const ending = endingOf({ job, tally: books, active, now });
  const observed: Running = { job, tally: books, active, terminating: mine.filter(isTerminating).length, pods: mine, now };
  if (ending !== undefined) return endJob(observed, ending);
  return job.spec.suspend === true ? suspendJob(observed) : runJob(observed);
}

export function isFinished(job: Job): boolean {
  return ["Complete", "Failed"].some((type) => conditionOf(job.status?.conditions, type)?.status === "True");
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/ */
function expiry({ spec, status }: Job, now: Millis): Pick<JobPlan, "expire" | "afterMs"> {
  if (spec.ttlSecondsAfterFinished === undefined) return { expire: false };
  const ends = ["Complete", "Failed"].flatMap((type) => timeOf(conditionOf(status?.conditions, type)?.lastTransitionTime) ?? []);
  const leftMs = Math.max(...ends, 0) + spec.ttlSecondsAfterFinished * 1_000 - now;
  return leftMs > 0 ? { expire: false, afterMs: leftMs } : { expire: true };
}

function statusOf({ job, tally: books, active, terminating }: Running, conditions: JobStatus["conditions"], left = active): JobStatus {
  const { startTime } = job.status ?? {};
  return {
    ...(startTime === undefined ? {} : { startTime }),
    active: left.length,
    ready: left.filter(isReady).length,
    terminating,
    ...books.status,
    ...(conditions === undefined || conditions.length === 0 ? {} : { conditions }),
  };
}

function endJob(running: Running, ending: Ending): JobPlan {
  const { job, active, tally: books, terminating, now } = running;
  const { reason, message } = ending;
  const isFailed = ending.kind === "failed";
  const add = (conditions: readonly Condition[] | undefined, type: string): readonly Condition[] =>
    withCondition(conditions, { type, status: "True", reason, message }, timeText(now));
  const aimed = add(job.status?.conditions, isFailed ? "FailureTarget" : "SuccessCriteriaMet");
  const notes = books.status.uncountedTerminatedPods;
  const isOver = active.length + terminating + (notes?.succeeded?.length ?? 0) + (notes?.failed?.length ?? 0) === 0;
  const base = { ...NOTHING, release: books.release, delete: active };
  if (!isOver) return { ...base, status: statusOf(running, aimed, []) };
  const status = statusOf(running, add(aimed, isFailed ? "Failed" : "Complete"));
  const news = isFailed
    ? ({ type: "Warning", reason, message } as const)
    : ({ type: "Normal", reason: "Completed", message: "Job completed" } as const);
  return { ...base, status: isFailed ? status : { ...status, completionTime: timeText(now) }, news: [news], ...expiryOfNew(job) };
}

function expiryOfNew({ spec }: Job): Pick<JobPlan, "afterMs"> {
  return spec.ttlSecondsAfterFinished === undefined ? {} : { afterMs: spec.ttlSecondsAfterFinished * 1_000 };
}

function suspendJob(running: Running): JobPlan {
  const { job, active, tally: books, now } = running;
  const condition = { type: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" };
  const conditions = withCondition(job.status?.conditions, condition, timeText(now));
  const { startTime: _, ...status } = statusOf(running, conditions, []);
  const isNews = conditionOf(job.status?.conditions, "Suspended")?.status !== "True";
  return {
    ...NOTHING,
    status,
    release: books.release,
    delete: active,
    isUncounted: true,
    news: isNews ? [{ type: "Normal", reason: "Suspended", message: "Job suspended" }] : [],
  };
}

function runJob(running: Running): JobPlan {
  const { job, tally: books, now } = running;
  const wasSuspended = conditionOf(job.status?.conditions, "Suspended")?.status === "True";
  const resumed = { type: "Suspended", status: "False", reason: "JobResumed", message: "Job resumed" };
  const conditions = wasSuspended ? withCondition(job.status?.conditions, resumed, timeText(now)) : job.status?.conditions;
  const crew = crewOf(running);
  const status = { ...statusOf(running, conditions), startTime: job.status?.startTime ?? timeText(now) };
  const deadlineMs = deadlineInMs({ ...job, status }, now);
  const waits = [crew.afterMs, deadlineMs].filter((ms): ms is number => ms !== undefined);
  return {
    ...NOTHING,
    status,
    release: books.release,
    create: crew.create,
    delete: crew.delete,
    isUncounted: true,
    news: wasSuspended ? [{ type: "Normal", reason: "Resumed", message: "Job resumed" }] : [],
    ...(waits.length === 0 ? {} : { afterMs: Math.min(...waits) }),
  };
}
