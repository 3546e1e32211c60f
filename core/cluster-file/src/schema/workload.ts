import { z } from "zod";
import { name } from "./basics.ts";
import { duration } from "./duration.ts";
import { rate } from "./rate.ts";
import { share } from "./share.ts";

const count = z.int().min(0).max(10_000_000);

/** What every shape has. */
const common = {
  name,
  /** The node group its pods run on; absent, any. */
  nodeGroup: z.string().min(1).optional(),
};
/** The pods that are there from the start begin within this. */
const startWithin = duration.default("0s");

/** The same number of pods all the time. */
const steady = z.strictObject({
  ...common,
  shape: z.literal("steady"),
  pods: count,
  startWithin,
  /** How long a pod lives before another takes its place; absent, to the end. */
  lifetime: duration.optional(),
  /** `exponential`: at random about that, as restarts and evictions come. `fixed`: each the same, as a spot or a credential runs out. */
  lifetimes: z.enum(["exponential", "fixed"]).default("exponential"),
  /** The same as a rate, instead of `lifetime`: `50/h` replaces fifty of them every hour. */
  replaced: rate.optional(),
});

/** Pods follow the day: a sine between two numbers, as an autoscaler makes it. */
const diurnal = z.strictObject({
  ...common,
  shape: z.literal("diurnal"),
  low: count,
  high: count,
  startWithin,
  period: duration.default("24h"),
  /** When the first peak is; absent, half a period after the start. */
  peakAt: duration.optional(),
  lifetime: duration.optional(),
});

/** A Deployment that is rolled out again and again. */
const deployWaves = z.strictObject({
  ...common,
  shape: z.literal("deploy-waves"),
  pods: count,
  startWithin,
  every: duration,
  /** The first rollout; absent, `every` after the start. Its pods start with the run. */
  firstAt: duration.optional(),
  maxSurge: share.default("25%"),
  maxUnavailable: share.default("25%"),
  /** From a pod's start until the rollout counts it as ready. */
  readyAfter: duration.default("10s"),
});

/** A CronJob: many pods at set times, each for a while. */
const cronBursts = z.strictObject({
  ...common,
  shape: z.literal("cron-bursts"),
  pods: count,
  every: duration,
  firstAt: duration.default("0s"),
  runsFor: duration,
  /** How much that varies: `20%` means from 80 % to 120 %. */
  runsForSpread: z
    .string()
    .regex(/^(100|[1-9]?\d)%$/, "must be a share such as 20%")
    .default("0%"),
  /** The pods of a burst start within this. */
  jitter: duration.default("0s"),
});

/** An autoscaler that goes from few pods to many, stays, and comes back. */
const autoscalingStorm = z.strictObject({
  ...common,
  shape: z.literal("autoscaling-storm"),
  from: count,
  to: count,
  startWithin,
  at: duration,
  /** From few to many within this, and back. */
  within: duration.default("0s"),
  /** How long it stays at many; absent, to the end. */
  staysFor: duration.optional(),
  /** Again after this, counted from one beginning to the next; absent, once. */
  every: duration.optional(),
});

/** Jobs of many pods, so many at a time. */
const batch = z.strictObject({
  ...common,
  shape: z.literal("batch"),
  completions: count.min(1),
  parallelism: count.min(1),
  runsFor: duration,
  /** `exponential`: at random about that. `fixed`: each the same. */
  runLengths: z.enum(["exponential", "fixed"]).default("exponential"),
  firstAt: duration.default("0s"),
  /** Jobs that arrive, evenly or at random (`arrivals`); absent, one. */
  jobs: rate.optional(),
  arrivals: z.enum(["even", "random"]).default("even"),
});

/** What was written down elsewhere. */
const recorded = z.strictObject({
  ...common,
  shape: z.literal("recorded"),
  /** In order of time. More than 0: pods that start. Less: pods that end, those that started first. */
  events: z.array(z.strictObject({ at: duration, pods: z.int().refine((pods) => pods !== 0, "must be more or less than 0") })).min(1),
});

const shape = z.discriminatedUnion("shape", [steady, diurnal, deployWaves, cronBursts, autoscalingStorm, batch, recorded]);

/** What runs in the cluster, for commands that simulate it. */
export const workload = z.strictObject({
  /** How long a simulation runs. */
  duration: duration.default("24h"),
  /** Pods of DaemonSets that every node runs and that need an address. */
  daemonPods: z.int().min(0).max(100).default(0),
  /** Pods of DaemonSets on the host's network: aws-node and kube-proxy. */
  hostNetworkPods: z.int().min(0).max(100).default(2),
  shapes: z.array(shape).default([]),
});
