import { RESOURCES, createEventRecorder, isNoLongerThere, splitKey } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, keyOwners, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { createExpectations } from "../expectations.ts";
import type { Expectations } from "../expectations.ts";
import { controllerOf, sameJson } from "../objects/index.ts";
import type { Job, Pod } from "../objects/index.ts";
import { createMadePods, deletePods } from "../pod-batches.ts";
import { replaceStatus } from "../replace-status.ts";
import { TRACKING_FINALIZER, isTracked, jobPod } from "./job-pods.ts";
import { reconcileJob } from "./reconcile.ts";
import type { JobPlan } from "./reconcile.ts";

/** Runs each job's pods to the wanted number of successes. */
export function startJobController(ports: ControllerPorts, view: ClusterView): Controller {
  const expectations = createExpectations(ports.clock);
  const events = createEventRecorder({ ...ports, source: { component: "job-controller" } });
  return runController(ports, {
    name: "job",
    turn: (key) => turnJob({ ports, view, expectations, events }, key),
    sources: (queue) => [
      keyEachObject(view.jobs, queue),
      keyOwners(view.pods, queue, "Job", (key, change) => expectations.observe(key, change)),
    ],
  });
}

interface Context {
  readonly ports: ControllerPorts;
  readonly view: ClusterView;
  readonly expectations: Expectations;
  readonly events: EventRecorder;
}

async function turnJob(context: Context, key: string): Promise<{ afterMs: number } | void> {
  const { ports, view, expectations } = context;
  const { name, namespace } = splitKey(key);
  const job = view.jobs.get(name, namespace);
  await releaseStray(context, namespace, name, job);
  if (job === undefined) {
    expectations.forget(key);
    return;
  }
  // Asked before the pods are read: what meets an expectation while this turn waits is not among them.
  const mayChangePods = expectations.isMet(key);
  const pods = view.pods.byIndex("owner", job.metadata.uid ?? "");
  const plan = reconcileJob({ job, pods, now: ports.clock.now() });
  if (!sameJson(plan.status, job.status ?? {})) {
    await replaceStatus(ports.kube, RESOURCES.jobs, job, plan.status);
    for (const report of plan.news) void context.events.record(job, report);
  }
  for (const pod of plan.release) await release(ports, pod);
  if (mayChangePods) await act(context, key, job, plan);
  if (plan.expire) {
    const { uid } = job.metadata;
    await ports.kube.delete(RESOURCES.jobs, name, namespace, { propagation: "Foreground", ...(uid === undefined ? {} : { uid }) });
  }
  return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
}

/** Pods of a job that is no more: nobody will count them. */
async function releaseStray({ ports, view }: Context, namespace: string | undefined, name: string, job: Job | undefined): Promise<void> {
  const stray = view.pods.byIndex("namespace", namespace ?? "").filter((pod) => {
    const owner = controllerOf(pod);
    return owner?.kind === "Job" && owner.name === name && owner.uid !== job?.metadata.uid && isTracked(pod);
  });
  if (stray.length === 0) return;
  // The copy of the jobs may be behind the copy of the pods.
  const there = await ports.kube.get<Job>(RESOURCES.jobs, name, namespace);
  for (const pod of stray) if (controllerOf(pod)?.uid !== there?.metadata.uid) await release(ports, pod);
}

async function release(ports: ControllerPorts, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const others = (pod.metadata.finalizers ?? []).filter((finalizer) => finalizer !== TRACKING_FINALIZER);
  const finalizers = others.length === 0 ? null : others;
  try {
    await ports.kube.patch(RESOURCES.pods, name, namespace, { kind: "merge", body: { metadata: { uid, finalizers } } });
  } catch (error) {
    if (!isNoLongerThere(error)) throw error;
  }
}

async function act(context: Context, key: string, job: Job, plan: JobPlan): Promise<void> {
  const { ports } = context;
  const batch = { ...context, kube: ports.kube, random: ports.random, key, owner: job };
  // Without the finalizer a pod is in no count: these were not wanted any more.
  if (plan.isUncounted) for (const pod of plan.delete.filter(isTracked)) await release(ports, pod);
  await deletePods(batch, plan.delete);
  await createMadePods(
    batch,
    plan.create.map(({ index }) => jobPod(job, ports.random, index)),
  );
}
