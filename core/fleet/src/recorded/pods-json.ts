import { z } from "zod";
import type { RecordedPod, RecordedPodsWorkload } from "../workloads/workload.ts";
import { parseIsoTime } from "./time-text.ts";

/** Something wrong with the JSON, at a path in it such as `items[3].status.startTime`. */
export interface PodsProblem {
  readonly path: string;
  readonly message: string;
}

/** What a list of pods tells of a cluster. */
export interface PodsOfCluster {
  readonly ok: true;
  /** Pods that take an address and that no DaemonSet makes, from the first start on. */
  readonly workload: RecordedPodsWorkload;
  /** From the first start to the last thing that is written down. */
  readonly durationMs: number;
  /** Pods of DaemonSets on a node, on average: those with an address, and those on the host's network. */
  readonly daemonPods: number;
  readonly hostNetworkPods: number;
  /** Pods that are not in the workload, by why. */
  readonly leftOut: { readonly ofDaemonSets: number; readonly onHostNetwork: number; readonly onFargate: number };
}

export type PodsFromJson = PodsOfCluster | { readonly ok: false; readonly problems: readonly PodsProblem[] };

const HOW = "give what `kubectl get pods -A -o json` prints";
const PROBLEMS_MAX = 20;

const time = z.string().transform((text, context) => {
  const ms = parseIsoTime(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is no time such as 2026-03-01T12:00:00Z` });
  return z.NEVER;
});
const optionalTime = time.nullish().transform((ms) => ms ?? undefined);
const containers = z
  .array(z.object({ state: z.object({ terminated: z.object({ finishedAt: optionalTime }).nullish() }).nullish() }))
  .nullish();

/** The few fields that count; whatever else a pod has is passed over. */
const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    creationTimestamp: time,
    deletionTimestamp: optionalTime,
    ownerReferences: z.array(z.object({ kind: z.string() })).nullish(),
  }),
  spec: z.object({ nodeName: z.string().nullish(), hostNetwork: z.boolean().nullish(), schedulerName: z.string().nullish() }),
  status: z
    .object({
      phase: z.string().nullish(),
      startTime: optionalTime,
      containerStatuses: containers,
      initContainerStatuses: containers,
      conditions: z.array(z.object({ lastTransitionTime: optionalTime })).nullish(),
    })
    .nullish(),
});
const listSchema = z.object({ items: z.array(podSchema) });

type SeenPod = z.output<typeof podSchema>;

/**
 * Reads a list of pods as a workload. A pod starts when kubelet took it (`status.startTime`), or when it was made; it ends when its last container ended,
 * or when it was deleted. One that runs has no end.
 */
export function readPodsJson(document: unknown, name = "recorded"): PodsFromJson {
  const read = listSchema.safeParse(document);
  if (!read.success) return { ok: false, problems: problemsOf(read.error) };
  const { items } = read.data;
  const lives = items.flatMap((pod, index) => (takesPart(pod) === "yes" ? [{ index, ...lifeOf(pod) }] : []));
  const problems = lives.flatMap(({ index, startMs, endMs = startMs }) => (endMs < startMs ? [endsEarly(index)] : []));
  if (lives.length === 0) problems.push({ path: "items", message: `none of its ${items.length} pods takes an address of the VPC: ${HOW}` });
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, PROBLEMS_MAX) };
  const zeroMs = lives.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  const lastMs = lives.reduce((most, { startMs, endMs }) => Math.max(most, endMs ?? startMs), zeroMs);
  const pods = lives
    .map(({ startMs, endMs }): RecordedPod => ({ startMs: startMs - zeroMs, ...(endMs === undefined ? {} : { endMs: endMs - zeroMs }) }))
    .sort((a, b) => a.startMs - b.startMs);
  return { ok: true, workload: { kind: "recorded-pods", name, pods }, durationMs: lastMs - zeroMs, ...perNode(items) };
}

function endsEarly(index: number): PodsProblem {
  return { path: `items[${index}].status`, message: "the pod ends before it starts: its times contradict one another" };
}

type Part = "yes" | "daemon-set" | "host-network" | "fargate";

function takesPart({ metadata, spec }: SeenPod): Part {
  if (spec.schedulerName === "fargate-scheduler") return "fargate";
  if (spec.hostNetwork === true) return "host-network";
  return (metadata.ownerReferences ?? []).some(({ kind }) => kind === "DaemonSet") ? "daemon-set" : "yes";
}

/** Pods that come with each node, as an average over the nodes that have any pod. */
function perNode(pods: readonly SeenPod[]): Pick<PodsOfCluster, "daemonPods" | "hostNetworkPods" | "leftOut"> {
  const count = (part: Part): number => pods.filter((pod) => takesPart(pod) === part).length;
  const nodes = new Set(pods.flatMap((pod) => (takesPart(pod) === "fargate" ? [] : (pod.spec.nodeName ?? []))));
  const leftOut = { ofDaemonSets: count("daemon-set"), onHostNetwork: count("host-network"), onFargate: count("fargate") };
  const each = (total: number): number => (nodes.size === 0 ? 0 : Math.round(total / nodes.size));
  return { daemonPods: each(leftOut.ofDaemonSets), hostNetworkPods: each(leftOut.onHostNetwork), leftOut };
}

function lifeOf({ metadata, status }: SeenPod): RecordedPod {
  const startMs = status?.startTime ?? metadata.creationTimestamp;
  const endMs = isOver(status) ? (lastWord(status) ?? metadata.deletionTimestamp ?? startMs) : metadata.deletionTimestamp;
  return { startMs, ...(endMs === undefined ? {} : { endMs }) };
}

function isOver(status: SeenPod["status"]): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** When the last container of a pod that is over ended; one that was evicted before any ran has only its conditions. */
function lastWord(status: SeenPod["status"]): number | undefined {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const ends = statuses.flatMap(({ state }) => state?.terminated?.finishedAt ?? []);
  const times = ends.length > 0 ? ends : (status?.conditions ?? []).flatMap(({ lastTransitionTime }) => lastTransitionTime ?? []);
  return times.length === 0 ? undefined : times.reduce((most, ms) => Math.max(most, ms));
}

function problemsOf(error: z.ZodError): readonly PodsProblem[] {
  return error.issues.slice(0, PROBLEMS_MAX).map(({ path, message }) => ({
    path:
      path.map((part, at) => (typeof part === "number" ? `[${part}]` : at === 0 ? String(part) : `.${String(part)}`)).join("") ||
      "the document",
    message: path.length <= 1 ? `${message}: ${HOW}` : message,
  }));
}
