import { Crowd } from "./crowd.ts";
import { evenlyMs } from "./spread.ts";
import type { AutoscalingStormWorkload, PodEventsOf } from "./workload.ts";

/** Few pods, then many, then few again. */
export const autoscalingStormEvents: PodEventsOf<AutoscalingStormWorkload> = function* (workload) {
  const { podsBefore, podsAtPeak, startWithinMs, riseMs, staysMs, fallMs, everyMs } = workload;
  const crowd = new Crowd();
  const more = Math.max(0, podsAtPeak - podsBefore);
  for (let pod = 0; pod < podsBefore; pod++) yield crowd.start(evenlyMs(pod, podsBefore, startWithinMs));
  let atMs = Math.max(workload.atMs, podsBefore === 0 ? 0 : startWithinMs);
  for (;;) {
    for (let pod = 0; pod < more; pod++) yield crowd.start(atMs + evenlyMs(pod, more, riseMs));
    if (staysMs === undefined) return undefined;
    const fallsAt = atMs + riseMs + staysMs;
    for (let pod = 0; pod < more; pod++) yield crowd.endLast(fallsAt + evenlyMs(pod, more, fallMs));
    if (everyMs === undefined || more === 0) return undefined;
    atMs = Math.max(atMs + everyMs, fallsAt + fallMs);
  }
};
