import type { Job, JobStatus, Pod } from "../objects/index.ts";
import { verdictOn } from "./failure-policy.ts";
import { formatIndexes, parseIndexes } from "./indexes.ts";
import { indexFailures, indexOf, isIndexed, isTracked, outcomeOf } from "./job-pods.ts";

/** What a job's ended pods come to. */
export interface Tally {
  /** With the pods noted as ended and not yet in the counts. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completed: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** The part of the status that keeps the books. */
  readonly status: Pick<JobStatus, "succeeded" | "failed" | "uncountedTerminatedPods" | "completedIndexes" | "failedIndexes">;
  /** Pods to be let go once the status is written. */
  readonly release: readonly Pod[];
  /** Why the failure policy ends the job. */
  readonly failJob?: string;
}

/**
 * Counts each ended pod once, across crashes of the controller: it is noted in the status, then loses its finalizer, then
 * moves from the notes to the counts (KEP-2307).
 */
export function tally(job: Job, pods: readonly Pod[]): Tally {
  const book = openBook(job, pods);
  for (const pod of pods) {
    const outcome = outcomeOf(job, pod);
    if (outcome === undefined || !isTracked(pod)) continue;
    book.release.push(pod);
    if (!book.noted.has(pod.metadata.uid ?? "")) note(job, pod, outcome, book);
  }
  const notes = { succeeded: book.notedSucceeded, failed: book.notedFailed };
  const succeeded = isIndexed(job) ? book.completed.size : book.succeeded + book.notedSucceeded.length;
  const failed = book.failed + book.notedFailed.length;
  const hasFailedIndexes = job.spec.backoffLimitPerIndex !== undefined;
  return {
    succeeded,
    failed,
    completed: book.completed,
    failedIndexes: book.failedIndexes,
    status: {
      succeeded: isIndexed(job) ? book.completed.size : book.succeeded,
      failed: book.failed,
      uncountedTerminatedPods: notes,
      ...(isIndexed(job) ? { completedIndexes: formatIndexes(book.completed) } : {}),
      ...(hasFailedIndexes ? { failedIndexes: formatIndexes(book.failedIndexes) } : {}),
    },
    release: book.release,
    ...(book.failJob === undefined ? {} : { failJob: book.failJob }),
  };
}

interface Book {
  succeeded: number;
  failed: number;
  readonly notedSucceeded: string[];
  readonly notedFailed: string[];
  readonly noted: Set<string>;
  readonly completed: Set<number>;
  readonly failedIndexes: Set<number>;
  readonly release: Pod[];
  failJob?: string;
}

/** The books as the status has them; notes on pods that have lost their finalizer become counts. */
function openBook(job: Job, pods: readonly Pod[]): Book {
  const held = new Set(pods.filter(isTracked).map((pod) => pod.metadata.uid ?? ""));
  const { succeeded = 0, failed = 0, completedIndexes, failedIndexes, uncountedTerminatedPods = {} } = job.status ?? {};
  const { succeeded: succeededUids = [], failed: failedUids = [] } = uncountedTerminatedPods;
  const notedSucceeded = succeededUids.filter((uid) => held.has(uid));
  const notedFailed = failedUids.filter((uid) => held.has(uid));
  const indexes = (text: string | undefined): Set<number> => new Set(isIndexed(job) ? parseIndexes(text, job.spec.completions) : []);
  return {
    succeeded: succeeded + succeededUids.length - notedSucceeded.length,
    failed: failed + failedUids.length - notedFailed.length,
    notedSucceeded,
    notedFailed,
    noted: new Set([...notedSucceeded, ...notedFailed]),
    completed: indexes(completedIndexes),
    failedIndexes: indexes(failedIndexes),
    release: [],
  };
}

function note(job: Job, pod: Pod, outcome: "succeeded" | "failed", book: Book): void {
  const uid = pod.metadata.uid ?? "";
  const index = indexOf(pod);
  if (outcome === "succeeded") {
    if (!isIndexed(job)) book.notedSucceeded.push(uid);
    else if (index !== undefined && index < (job.spec.completions ?? 0)) book.completed.add(index);
    return;
  }
  const verdict = verdictOn(job, pod);
  if (verdict.kind === "ignore") return;
  if (verdict.kind === "fail-job") book.failJob ??= verdict.why;
  book.notedFailed.push(uid);
  const { backoffLimitPerIndex } = job.spec;
  if (backoffLimitPerIndex === undefined || index === undefined) return;
  if (verdict.kind === "fail-index" || indexFailures(pod) >= backoffLimitPerIndex) book.failedIndexes.add(index);
}
