import { z } from "zod";
import { name } from "./basics.ts";
import { duration } from "./duration.ts";
import { rate } from "./rate.ts";
import { share } from "./share.ts";

const count = z.int().min(0).max(10_000_000);

/** What every shape has. */
const common = {
  name,
  nodeGroup: z.string().min(1).optional().describe("The node group its pods run on; absent, any."),
  isolated: z
    .boolean()
    .default(false)
    .describe("Its pods have security groups of their own: each takes a branch ENI, with vpcCni.env.ENABLE_POD_ENI: true."),
};
const startWithin = duration.default("0s").describe("The pods that are there from the start begin within this.");

const steady = z.strictObject({
  ...common,
  shape: z.literal("steady").describe("The same number of pods all the time."),
  pods: count,
  startWithin,
  lifetime: duration.optional().describe("How long a pod lives before another takes its place; absent, to the end."),
  lifetimes: z
    .enum(["exponential", "fixed"])
    .default("exponential")
    .describe(
      "exponential: at random about that, as restarts and evictions come. fixed: each the same, as a credential runs out; the first ones are of all ages.",
    ),
  replaced: rate.optional().describe("The same as a rate, instead of lifetime: 50/h replaces fifty of them every hour."),
});

const diurnal = z.strictObject({
  ...common,
  shape: z.literal("diurnal").describe("Pods follow the day: a sine between two numbers, as an autoscaler makes it."),
  low: count,
  high: count,
  startWithin,
  period: duration.default("24h").describe("A day."),
  peakAt: duration.optional().describe("When the first peak is; absent, half a period after the start."),
  lifetime: duration
    .optional()
    .describe("Beside coming and going with the day, pods are replaced at random after this on average; absent, they are not."),
});

const deployWaves = z.strictObject({
  ...common,
  shape: z.literal("deploy-waves").describe("A Deployment that is rolled out again and again."),
  pods: count,
  startWithin,
  every: duration,
  firstAt: duration.optional().describe("The first rollout; absent, one interval after the start. Its pods start with the run."),
  maxSurge: share.default("25%"),
  maxUnavailable: share.default("25%"),
  readyAfter: duration.default("10s").describe("From a pod's start until the rollout counts it as ready."),
});

const cronBursts = z.strictObject({
  ...common,
  shape: z.literal("cron-bursts").describe("A CronJob: many pods at set times, each for a while."),
  pods: count,
  every: duration,
  firstAt: duration.default("0s"),
  runsFor: duration,
  runsForSpread: z
    .string()
    .regex(/^(100|[1-9]?\d)%$/, "must be a share such as 20%")
    .default("0%")
    .describe("How much that varies: 20% means from 80 % to 120 %."),
  jitter: duration.default("0s").describe("The pods of a burst start within this."),
});

const autoscalingStorm = z.strictObject({
  ...common,
  shape: z.literal("autoscaling-storm").describe("An autoscaler that goes from few pods to many, stays, and comes back."),
  from: count,
  to: count,
  startWithin,
  at: duration,
  within: duration.default("0s").describe("From few to many within this, and back."),
  staysFor: duration.optional().describe("How long it stays at many; absent, to the end."),
  every: duration.optional().describe("Again after this, counted from one beginning to the next; absent, once."),
});

const batch = z.strictObject({
  ...common,
  shape: z.literal("batch").describe("Jobs of many pods, so many at a time."),
  completions: count.min(1),
  parallelism: count.min(1),
  runsFor: duration,
  runLengths: z.enum(["exponential", "fixed"]).default("exponential").describe("exponential: at random about that. fixed: each the same."),
  firstAt: duration.default("0s"),
  jobs: rate.optional().describe("Jobs that arrive, evenly or at random (arrivals); absent, one."),
  arrivals: z.enum(["even", "random"]).default("even"),
});

const recorded = z.strictObject({
  ...common,
  shape: z.literal("recorded").describe("What was written down elsewhere."),
  events: z
    .array(z.strictObject({ at: duration, pods: z.int().refine((pods) => pods !== 0, "must be more or less than 0") }))
    .min(1)
    .describe("In order of time. More than 0: pods that start. Less: pods that end, those that started first."),
});

const shape = z.discriminatedUnion("shape", [steady, diurnal, deployWaves, cronBursts, autoscalingStorm, batch, recorded]);

/** What runs in the cluster, for commands that simulate it. */
export const workload = z.strictObject({
  duration: duration.default("24h").describe("How long a simulation runs."),
  daemonPods: z.int().min(0).max(100).default(0).describe("Pods of DaemonSets that every node runs and that need an address."),
  hostNetworkPods: z.int().min(0).max(100).default(2).describe("Pods of DaemonSets on the host's network: aws-node and kube-proxy."),
  shapes: z.array(shape).default([]),
});
