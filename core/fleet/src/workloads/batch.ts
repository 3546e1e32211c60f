import { createRandom, type Random } from "@slash28/simulation";
import { exponentialMs } from "./spread.ts";
import { TimeHeap } from "../time/time-heap.ts";
import type { BatchWorkload, PodEvent, PodEventsOf } from "./workload.ts";

/** A Job that runs: how many of its pods have not started. */
interface Job {
  left: number;
}

const HOUR_MS = 3_600_000;

/** Jobs arrive; each keeps as many pods running as it may until all have started. Its pods end by themselves. */
export const batchEvents: PodEventsOf<BatchWorkload> = function* (workload, seed) {
  const { completions, parallelism } = workload;
  const random = createRandom("batch", workload.name, seed);
  // By the time at which a pod is over: then its Job starts the next one.
  const running = new TimeHeap<Job>();
  let pod = 0;
  let arrivesAt = workload.firstAtMs;
  for (;;) {
    const overAt = running.nextAt;
    if (overAt === Number.POSITIVE_INFINITY && arrivesAt === Number.POSITIVE_INFINITY) return undefined;
    if (arrivesAt <= overAt) {
      const job: Job = { left: completions };
      for (let slots = Math.min(parallelism, completions); slots > 0; slots--) yield startOf(job, arrivesAt);
      arrivesAt += nextArrivalIn(workload, random);
      continue;
    }
    const job = running.take();
    if (job !== undefined && job.left > 0) yield startOf(job, overAt);
  }

  function startOf(job: Job, at: number): PodEvent {
    const atMs = Math.round(at);
    const runsForMs = Math.round(workload.runLengths === "fixed" ? workload.runsForMs : exponentialMs(random, workload.runsForMs));
    job.left--;
    // Nobody waits for the end of a Job's last pods.
    if (job.left > 0) running.add(atMs + runsForMs, job);
    return { kind: "start", atMs, pod: pod++, runsForMs };
  }
};

function nextArrivalIn({ jobsPerHour, arrivals }: BatchWorkload, random: Random): number {
  if (jobsPerHour === undefined || jobsPerHour <= 0) return Number.POSITIVE_INFINITY;
  return arrivals === "even" ? HOUR_MS / jobsPerHour : exponentialMs(random, HOUR_MS / jobsPerHour);
}
