import { createRandom } from "@slash28/simulation";
import { timesWithin } from "./spread.ts";
import type { CronBurstsWorkload, PodEventsOf } from "./workload.ts";

/** Many Jobs' pods at set times, each of which ends by itself. */
export const cronBurstsEvents: PodEventsOf<CronBurstsWorkload> = function* (workload, seed) {
  const { name, pods, firstAtMs, everyMs, startWithinMs, runsForMs, runsForSpread } = workload;
  if (pods === 0) return undefined;
  const random = createRandom("cron-bursts", name, seed);
  let pod = 0;
  for (let burst = 0; ; burst++) {
    for (const afterMs of timesWithin(random, pods, Math.min(startWithinMs, everyMs))) {
      const atMs = Math.round(firstAtMs + burst * everyMs + afterMs);
      yield { kind: "start", atMs, pod: pod++, runsForMs: Math.round(runsForMs * (1 + runsForSpread * (2 * random.next() - 1))) };
    }
  }
};
