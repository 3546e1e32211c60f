import type { PodEventsOf, RecordedPodsWorkload, RecordedWorkload } from "./workload.ts";

/** Counts that were recorded; who started first, ends first. Throws a `RangeError` for a record that ends more pods than it starts. */
export const recordedEvents: PodEventsOf<RecordedWorkload> = function* ({ name, changes }) {
  let started = 0;
  let ended = 0;
  for (const { atMs, pods } of changes) {
    for (let more = pods; more > 0; more--) yield { kind: "start", atMs, pod: started++ };
    if (ended - pods > started) throw new RangeError(`workload ${name} ends more pods at ${atMs} ms than it has started`);
    for (let fewer = -pods; fewer > 0; fewer--) yield { kind: "end", atMs, pod: ended++ };
  }
  return undefined;
};

/** Pods that were seen, each with its own life. At one time ends come before starts. */
export const recordedPodsEvents: PodEventsOf<RecordedPodsWorkload> = function* ({ pods }) {
  const byEnd = [...pods.keys()].filter((pod) => pods[pod]?.endMs !== undefined).sort((a, b) => endOf(a) - endOf(b) || a - b);
  let ended = 0;
  for (const [pod, { startMs }] of pods.entries()) {
    yield* endsUntil(startMs, pod);
    yield { kind: "start", atMs: startMs, pod };
  }
  yield* endsUntil(Number.POSITIVE_INFINITY, pods.length);
  return undefined;

  function endOf(pod: number): number {
    return pods[pod]?.endMs ?? Number.POSITIVE_INFINITY;
  }
  /** Only pods below `started` have started by then: one that ended as it began comes first. */
  function* endsUntil(atMs: number, started: number): Generator<ReturnType<typeof ending>, void> {
    for (let pod = byEnd[ended]; pod !== undefined && endOf(pod) <= atMs && pod < started; pod = byEnd[++ended]) yield ending(pod);
  }
  function ending(pod: number): { readonly kind: "end"; readonly atMs: number; readonly pod: number } {
    return { kind: "end", atMs: endOf(pod), pod };
  }
};
