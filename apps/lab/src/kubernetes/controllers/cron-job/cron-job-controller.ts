import { RESOURCES, createEventRecorder, isAlreadyExists, splitKey } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, keyOwners, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { sameJson } from "../objects/index.ts";
import type { CronJob, Job } from "../objects/index.ts";
import { replaceStatus } from "../replace-status.ts";
import { activeJob, reconcileCronJob } from "./reconcile.ts";

/** Starts the jobs of each cron job when they are due. */
export function startCronJobController(ports: ControllerPorts, view: ClusterView): Controller {
  const events = createEventRecorder({ ...ports, source: { component: "cronjob-controller" } });
  return runController(ports, {
    name: "cron-job",
    turn: (key) => turnCronJob(ports, view, events, key),
    sources: (queue) => [keyEachObject(view.cronJobs, queue), keyOwners(view.jobs, queue, "CronJob")],
  });
}

async function turnCronJob(
  ports: ControllerPorts,
  view: ClusterView,
  events: EventRecorder,
  key: string,
): Promise<{ afterMs: number } | void> {
  const { name, namespace } = splitKey(key);
  const cronJob = view.cronJobs.get(name, namespace);
  if (cronJob === undefined) return;
  const jobs = view.jobs.byIndex("owner", cronJob.metadata.uid ?? "");
  const plan = reconcileCronJob({ cronJob, jobs, now: ports.clock.now() });
  for (const news of plan.news) void events.record(cronJob, news);
  for (const job of plan.delete) {
    const { uid } = job.metadata;
    await ports.kube.delete(RESOURCES.jobs, job.metadata.name, namespace, {
      propagation: "Background",
      ...(uid === undefined ? {} : { uid }),
    });
    void events.record(cronJob, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted job ${job.metadata.name}` });
  }
  const made = plan.create === undefined ? undefined : await createJob(ports, events, cronJob, plan.create);
  const active = made === undefined ? plan.status.active : [...(plan.status.active ?? []), activeJob(made)];
  const status = { ...plan.status, ...(active === undefined ? {} : { active }) };
  if (!sameJson(status, cronJob.status ?? {})) await replaceStatus(ports.kube, RESOURCES.cronJobs, cronJob, status);
  return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
}

/** `undefined` when it is there already. */
async function createJob(ports: ControllerPorts, events: EventRecorder, cronJob: CronJob, job: Job): Promise<Job | undefined> {
  try {
    const made = await ports.kube.create<Job>(RESOURCES.jobs, job);
    void events.record(cronJob, { type: "Normal", reason: "SuccessfulCreate", message: `Created job ${job.metadata.name}` });
    return made;
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    const detail = error instanceof Error ? error.message : String(error);
    void events.record(cronJob, { type: "Warning", reason: "FailedCreate", message: `Error creating job: ${detail}` });
    throw error;
  }
}
