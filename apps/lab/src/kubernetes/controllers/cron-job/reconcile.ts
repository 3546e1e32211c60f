import type { Millis } from "@slash28/ports";
import { conditionOf, ownerReferenceTo, timeOf, timeText } from "../objects/index.ts";
import type { ActiveJob, CronJob, CronJobStatus, Job } from "../objects/index.ts";
import { isFinished } from "../job/reconcile.ts";
import { parseSchedule } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";

export interface CronJobObserved {
  readonly cronJob: CronJob;
  /** Those it owns. */
  readonly jobs: readonly Job[];
  readonly now: Millis;
}

export interface News {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** One turn: the jobs to delete, the one to start, and the status; the status is written last. */
export interface CronJobPlan {
  readonly delete: readonly Job[];
  readonly create?: Job;
  readonly status: CronJobStatus;
  /** When the next start is due. */
  readonly afterMs?: number;
  readonly news: readonly News[];
}

/** A timer cannot wait for months. */
const LONGEST_WAIT_MS = 86_400_000;
const SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ */
export function reconcileCronJob({ cronJob, jobs, now }: CronJobObserved): CronJobPlan {
  const { status, news } = followJobs(cronJob, jobs);
  const spare = history(cronJob, jobs);
  const rest = { delete: spare, status, news };
  if (cronJob.metadata.deletionTimestamp !== undefined || cronJob.spec.suspend === true) return rest;
  const schedule = parseSchedule(cronJob.spec.schedule, cronJob.spec.timeZone);
  if (!schedule.ok) return { ...rest, news: [...news, { type: "Warning", reason: schedule.reason, message: schedule.why }] };
  return startIfDue({ cronJob, jobs, now }, schedule, rest);
}

/** Active jobs are those of the status that have not finished; the last success is remembered. */
function followJobs(cronJob: CronJob, jobs: readonly Job[]): { readonly status: CronJobStatus; readonly news: readonly News[] } {
  const news: News[] = [];
  const active: ActiveJob[] = [];
  for (const entry of cronJob.status?.active ?? []) {
    const job = jobs.find((one) => one.metadata.uid === entry.uid);
    if (job === undefined) {
      news.push({ type: "Normal", reason: "MissingJob", message: `Active job went missing: ${entry.name}` });
    } else if (isFinished(job)) {
      const how = conditionOf(job.status?.conditions, "Complete")?.status === "True" ? "Complete" : "Failed";
      news.push({ type: "Normal", reason: "SawCompletedJob", message: `Saw completed job: ${entry.name}, condition: ${how}` });
    } else active.push(entry);
  }
  const successes = jobs.flatMap(({ status }) => timeOf(status?.completionTime) ?? []);
  const before = timeOf(cronJob.status?.lastSuccessfulTime);
  const lastSuccess = Math.max(before ?? 0, ...successes);
  return {
    status: {
      ...(active.length === 0 ? {} : { active }),
      ...(cronJob.status?.lastScheduleTime === undefined ? {} : { lastScheduleTime: cronJob.status.lastScheduleTime }),
      ...(lastSuccess === 0 ? {} : { lastSuccessfulTime: timeText(lastSuccess) }),
    },
    news,
  };
}

/** Finished jobs beyond the limits, oldest first. */
function history({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const startOf = (job: Job): number => timeOf(job.status?.startTime) ?? timeOf(job.metadata.creationTimestamp) ?? 0;
  const spare = (type: string, limit: number): readonly Job[] => {
    const ended = jobs.filter((job) => conditionOf(job.status?.conditions, type)?.status === "True");
    const ordered = ended.filter((job) => job.metadata.deletionTimestamp === undefined).sort((a, b) => startOf(a) - startOf(b));
    return ordered.slice(0, Math.max(0, ordered.length - limit));
  };
  return [...spare("Complete", spec.successfulJobsHistoryLimit ?? 3), ...spare("Failed", spec.failedJobsHistoryLimit ?? 1)];
}

type Rest = Pick<CronJobPlan, "delete" | "status" | "news">;

function startIfDue({ cronJob, jobs, now }: CronJobObserved, schedule: Schedule & { readonly ok: true }, rest: Rest): CronJobPlan {
  const due = schedule.last(earliest(cronJob, now), now);
  const next = schedule.next(now);
  const later = next === undefined ? {} : { afterMs: Math.min(Math.max(1, next - now), LONGEST_WAIT_MS) };
  const many: readonly News[] = due.isMany
    ? [
        {
          type: "Warning",
          reason: "TooManyMissedTimes",
          message: "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew",
        },
      ]
    : [];
  const said = { ...rest, ...later, news: [...rest.news, ...many] };
  if (due.time === undefined) return { ...rest, ...later };
  const job = jobFor(cronJob, due.time);
  const active = rest.status.active ?? [];
  // Started in a turn before whose status was not written.
  if (jobs.some((one) => one.metadata.name === job.metadata.name)) return { ...said, status: started(rest.status, jobs, job, due.time) };
  const policy = cronJob.spec.concurrencyPolicy ?? "Allow";
  if (policy === "Forbid" && active.length > 0) {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    return { ...said, news: [...said.news, { type: "Normal", reason: "JobAlreadyActive", message }] };
  }
  if (policy !== "Replace") return { ...said, create: job, status: started(rest.status, jobs, job, due.time) };
  const replaced = jobs.filter((one) => active.some(({ uid }) => uid === one.metadata.uid));
  const status = started({ ...rest.status, active: [] }, jobs, job, due.time);
  return { ...said, delete: [...rest.delete, ...replaced], create: job, status };
}

/** From when missed starts count: after the last one, and within the starting deadline. */
function earliest({ metadata, spec, status }: CronJob, now: Millis): Millis {
  const since = timeOf(status?.lastScheduleTime) ?? timeOf(metadata.creationTimestamp) ?? now;
  if (spec.startingDeadlineSeconds === undefined) return since;
  return Math.max(since, now - spec.startingDeadlineSeconds * 1_000);
}

function jobFor(cronJob: CronJob, time: Millis): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${cronJob.metadata.name}-${Math.floor(time / 60_000)}`,
      namespace: cronJob.metadata.namespace ?? "default",
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: timeText(time) },
      ownerReferences: [ownerReferenceTo(cronJob)],
    },
    spec,
  };
}

/** The entry of a job that is made in this turn gets its uid when it is there. */
function started(status: CronJobStatus, jobs: readonly Job[], job: Job, time: Millis): CronJobStatus {
  const there = jobs.find((one) => one.metadata.name === job.metadata.name);
  const isNoted = there === undefined || isFinished(there) || status.active?.some(({ uid }) => uid === there.metadata.uid) === true;
  const active = isNoted ? status.active : [...(status.active ?? []), activeJob(there)];
  return { ...status, ...(active === undefined ? {} : { active }), lastScheduleTime: timeText(time) };
}

export function activeJob({ apiVersion, kind, metadata }: Job): ActiveJob {
  const { name, namespace, uid } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
}
