import type { Millis } from "@slash28/ports";
import type { Job, Pod } from "../objects/index.ts";
import { deletionOrder } from "../replica-set/deletion-order.ts";
import { endedAt, indexFailures, indexOf, isIndexed, outcomeOf } from "./job-pods.ts";
import type { PodIndex } from "./job-pods.ts";
import type { Tally } from "./tally.ts";

/** A pod to make; with an index in an indexed job. */
export interface WantedPod {
  readonly index?: PodIndex;
}

export interface Crew {
  readonly create: readonly WantedPod[];
  readonly delete: readonly Pod[];
  /** How long until failed pods may be replaced. */
  readonly afterMs?: number;
}

/** A job that has not finished. */
export interface Running {
  readonly job: Job;
  readonly tally: Tally;
  readonly active: readonly Pod[];
  readonly terminating: number;
  /** All of the job's pods. */
  readonly pods: readonly Pod[];
  readonly now: Millis;
}

const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 10 * 60_000;
/** No more pods made in one turn than this, as upstream. */
const BURST = 500;

/** Which pods a running job needs now, and which are too many. */
export function crewOf(observed: Running): Crew {
  const { job, tally, active, now } = observed;
  const wanted = wantedActive(observed);
  const doubles = isIndexed(job) ? surplusOfIndexes(active, tally) : [];
  const kept = active.filter((pod) => !doubles.includes(pod));
  if (kept.length > wanted) return { create: [], delete: [...doubles, ...deletionOrder(kept).slice(0, kept.length - wanted)] };
  // A pod on its way out keeps its place where replacements must wait for it.
  const waiting = job.spec.podReplacementPolicy === "Failed" ? observed.terminating : 0;
  const missing = Math.min(wanted - kept.length - waiting, BURST);
  if (missing <= 0) return { create: [], delete: doubles };
  const waitMs = backOffMs(job, observed.pods, now);
  if (waitMs > 0) return { create: [], delete: doubles, afterMs: waitMs };
  if (!isIndexed(job)) return { create: Array.from({ length: missing }, () => ({})), delete: doubles };
  return { create: missingIndexes(observed, kept, missing), delete: doubles };
}

function wantedActive({ job, tally, active }: Running): number {
  const { parallelism = 1, completions } = job.spec;
  // A work queue starts nothing new once one of its pods has found it empty.
  if (completions === undefined) return tally.succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  const left = completions - tally.succeeded - (isIndexed(job) ? tally.failedIndexes.size : 0);
  return Math.max(0, Math.min(parallelism, left));
}

/** Pods on an index that is done, or that another works on already. */
function surplusOfIndexes(active: readonly Pod[], { completed, failedIndexes }: Tally): readonly Pod[] {
  const seen = new Set<number>();
  return active.filter((pod) => {
    const index = indexOf(pod);
    if (index === undefined || completed.has(index) || failedIndexes.has(index) || seen.has(index)) return true;
    seen.add(index);
    return false;
  });
}

function missingIndexes({ job, tally, pods }: Running, kept: readonly Pod[], missing: number): readonly WantedPod[] {
  const busy = new Set(kept.map(indexOf));
  const wanted: WantedPod[] = [];
  for (let number = 0; number < (job.spec.completions ?? 0) && wanted.length < missing; number++) {
    if (busy.has(number) || tally.completed.has(number) || tally.failedIndexes.has(number)) continue;
    const failed = pods.filter((pod) => indexOf(pod) === number && outcomeOf(job, pod) === "failed");
    wanted.push({ index: { number, failures: Math.max(0, ...failed.map((pod) => indexFailures(pod) + 1)) } });
  }
  return wanted;
}

/** Failed pods are replaced after 10 s, 20 s, 40 s … since the last, until one succeeds. */
function backOffMs(job: Job, pods: readonly Pod[], now: Millis): number {
  const ended = pods.map((pod) => ({ at: endedAt(pod), outcome: outcomeOf(job, pod) }));
  const lastSuccess = Math.max(0, ...ended.filter(({ outcome }) => outcome === "succeeded").map(({ at }) => at));
  const failures = ended.filter(({ at, outcome }) => outcome === "failed" && at >= lastSuccess).map(({ at }) => at);
  if (failures.length === 0) return 0;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures.length - 1, 10), LONGEST_WAIT_MS);
  return Math.max(0, Math.max(...failures) + waitMs - now);
}
