import type { Millis } from "@slash28/ports";
import { hasEnded, timeOf } from "../objects/index.ts";
import type { Job, Pod, PodTemplate } from "../objects/index.ts";
import { podFromTemplate } from "../pod-from-template.ts";

/** Keeps an ended pod until it is in the job's counts. */
export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
export const INDEX_KEY = "batch.kubernetes.io/job-completion-index";
export const INDEX_FAILURES = "batch.kubernetes.io/job-index-failure-count";

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === "Indexed";
}

export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_KEY];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** How often pods of its index had failed before this one. */
export function indexFailures(pod: Pod): number {
  return Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? 0) || 0;
}

export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(TRACKING_FINALIZER) === true;
}

/** How a pod ended; `undefined` while it may still do either. */
export function outcomeOf(job: Job, pod: Pod): "succeeded" | "failed" | undefined {
  const phase = pod.status?.phase;
  if (phase === "Succeeded") return "succeeded";
  if (phase === "Failed") return "failed";
  if (pod.metadata.deletionTimestamp === undefined) return undefined;
  // One that is deleted counts as failed at once, unless the job waits for it; then when nothing but the finalizer is left of it.
  return job.spec.podReplacementPolicy !== "Failed" || pod.metadata["deletionGracePeriodSeconds"] === 0 ? "failed" : undefined;
}

/** Still on its way out. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && !hasEnded(pod);
}

interface EndedContainer {
  readonly state?: { readonly terminated?: { readonly finishedAt?: string } };
}

/** When a pod ended, as far as it says. */
export function endedAt(pod: Pod): Millis {
  const statuses = (pod.status?.containerStatuses ?? []) as readonly EndedContainer[];
  const ends = statuses.flatMap(({ state }) => timeOf(state?.terminated?.finishedAt) ?? []);
  if (ends.length > 0) return Math.max(...ends);
  return timeOf(pod.metadata.deletionTimestamp) ?? timeOf(pod.metadata.creationTimestamp) ?? 0;
}

/** The index that a pod works on. */
export interface PodIndex {
  readonly number: number;
  /** How often pods of this index have failed before. */
  readonly failures: number;
}

/** A pod of a job; with an index, the pod that works on it. */
export function jobPod(job: Job, random: () => number, index?: PodIndex): Pod {
  const template = index === undefined ? job.spec.template : indexedTemplate(job, index);
  const base = index === undefined ? job.metadata.name : `${job.metadata.name}-${index.number}`;
  const pod = podFromTemplate(job, template, random, base);
  return { ...pod, metadata: { ...pod.metadata, finalizers: [TRACKING_FINALIZER] } };
}

/** Its containers find the index in `JOB_COMPLETION_INDEX`, its peers find it by host name. */
function indexedTemplate(job: Job, { number, failures }: PodIndex): PodTemplate {
  const { metadata, spec } = job.spec.template;
  const index = { [INDEX_KEY]: String(number) };
  const counted = job.spec.backoffLimitPerIndex === undefined ? {} : { [INDEX_FAILURES]: String(failures) };
  const variable = { name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${INDEX_KEY}']` } } };
  const told = (containers: Pod["spec"]["containers"]): Pod["spec"]["containers"] =>
    containers.map((container) => {
      const env = (container["env"] ?? []) as readonly { readonly name: string }[];
      return env.some(({ name }) => name === variable.name) ? container : { ...container, env: [...env, variable] };
    });
  return {
    metadata: { ...metadata, labels: { ...metadata?.labels, ...index }, annotations: { ...metadata?.annotations, ...index, ...counted } },
    spec: {
      ...spec,
      hostname: `${job.metadata.name}-${number}`,
      containers: told(spec.containers),
      ...(spec.initContainers === undefined ? {} : { initContainers: told(spec.initContainers) }),
    },
  };
}
