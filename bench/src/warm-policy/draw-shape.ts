import type { Workload } from "@slash28/fleet";
import type { Random } from "@slash28/simulation";
import { DAY, HOUR, MINUTE, SECOND } from "./durations.ts";

/** The shapes of work that are made, not recorded. */
export type ShapeKind = Exclude<Workload["kind"], "recorded" | "recorded-pods">;

const startWithinMs = 5 * MINUTE;

/** One shape with numbers at random, of a size for half a dozen nodes. */
export const DRAW_SHAPE: { readonly [Kind in ShapeKind]: (random: Random) => Extract<Workload, { kind: Kind }> } = {
  steady: (random) => ({
    kind: "steady",
    name: "steady",
    pods: random.between(15, 40),
    startWithinMs,
    lifetime: { kind: "exponential", meanMs: random.between(20, 240) * MINUTE },
  }),
  diurnal: (random) => {
    const podsLow = random.between(5, 20);
    return {
      kind: "diurnal",
      name: "diurnal",
      podsLow,
      podsHigh: podsLow + random.between(10, 40),
      periodMs: DAY,
      peakAtMs: random.between(0, 23) * HOUR,
      startWithinMs,
      meanLifetimeMs: random.between(60, 360) * MINUTE,
    };
  },
  "deploy-waves": (random) => {
    const pods = random.between(15, 40);
    // Kubernetes' own: a quarter more, a quarter fewer.
    const quarter = Math.ceil(pods / 4);
    return {
      kind: "deploy-waves",
      name: "deploy-waves",
      pods,
      startWithinMs,
      firstAtMs: random.between(30, 90) * MINUTE,
      everyMs: random.between(60, 360) * MINUTE,
      maxSurge: quarter,
      maxUnavailable: quarter,
      readyAfterMs: random.between(10, 60) * SECOND,
    };
  },
  "cron-bursts": (random) => ({
    kind: "cron-bursts",
    name: "cron-bursts",
    pods: random.between(10, 30),
    firstAtMs: random.between(15, 30) * MINUTE,
    everyMs: random.between(10, 60) * MINUTE,
    startWithinMs: random.between(1, 20) * SECOND,
    runsForMs: random.between(30, 240) * SECOND,
    runsForSpread: 0.3,
  }),
  "autoscaling-storm": (random) => {
    const podsBefore = random.between(5, 15);
    return {
      kind: "autoscaling-storm",
      name: "autoscaling-storm",
      podsBefore,
      podsAtPeak: podsBefore + random.between(20, 40),
      startWithinMs,
      atMs: random.between(30, 90) * MINUTE,
      riseMs: random.between(20, 120) * SECOND,
      staysMs: random.between(10, 40) * MINUTE,
      fallMs: random.between(1, 10) * MINUTE,
      everyMs: random.between(90, 360) * MINUTE,
    };
  },
  batch: (random) => {
    const completions = random.between(10, 30);
    return {
      kind: "batch",
      name: "batch",
      completions,
      parallelism: Math.ceil(completions / random.between(1, 4)),
      runsForMs: random.between(20, 180) * SECOND,
      runLengths: "exponential",
      firstAtMs: random.between(15, 30) * MINUTE,
      jobsPerHour: random.between(2, 8),
      arrivals: "random",
    };
  },
};
