/** What every shape of work has. Times are milliseconds since the start of the run. */
interface WorkloadBase {
  /** Told in results and errors; also a part of the seed, so that shapes of different names make independent choices. */
  readonly name: string;
  /** The node group its pods run on; absent: any. */
  readonly nodeGroup?: string;
  /** Its pods have security groups of their own: each takes a branch ENI. */
  readonly isIsolated?: true;
}

/** How long a pod lives before another one takes its place. */
export type Lifetime =
  /** At random about a mean, whatever its age: restarts, evictions, lost nodes. */
  | { readonly kind: "exponential"; readonly meanMs: number }
  /** Each the same: a token or a licence that runs out. The first pods are of all ages. */
  | { readonly kind: "fixed"; readonly ms: number };

/** As many pods all the time: a Deployment whose pods are replaced now and then. */
export interface SteadyWorkload extends WorkloadBase {
  readonly kind: "steady";
  readonly pods: number;
  /** The first pods start within this. */
  readonly startWithinMs: number;
  /** Absent: its pods live to the end of the run. */
  readonly lifetime?: Lifetime;
}

/** Pods follow the day: a sine between two numbers, as an autoscaler makes it. */
export interface DiurnalWorkload extends WorkloadBase {
  readonly kind: "diurnal";
  readonly podsLow: number;
  readonly podsHigh: number;
  /** A day. */
  readonly periodMs: number;
  /** When the first peak is. */
  readonly peakAtMs: number;
  /** The pods there are at the start begin within this. */
  readonly startWithinMs: number;
  /** Beside coming and going with the day, pods are replaced at random after this on average; absent: they are not. */
  readonly meanLifetimeMs?: number;
}

/** A Deployment that is rolled out again and again. */
export interface DeployWavesWorkload extends WorkloadBase {
  readonly kind: "deploy-waves";
  readonly pods: number;
  /** The first pods start within this. */
  readonly startWithinMs: number;
  readonly firstAtMs: number;
  /** A rollout that takes longer puts the next one off. */
  readonly everyMs: number;
  /** Pods above `pods` while a rollout runs. */
  readonly maxSurge: number;
  /** Pods that may be missing while a rollout runs. With neither, it is one, as in Kubernetes. */
  readonly maxUnavailable: number;
  /** From a pod's start until the rollout counts it as ready. */
  readonly readyAfterMs: number;
}

/** A CronJob: many pods at set times, each for a while. */
export interface CronBurstsWorkload extends WorkloadBase {
  readonly kind: "cron-bursts";
  readonly pods: number;
  readonly firstAtMs: number;
  readonly everyMs: number;
  /** The pods of a burst start within this, at random; at most `everyMs`. */
  readonly startWithinMs: number;
  /** How long a pod runs on average, and how much that varies: 0.2 means from 80 % to 120 %. */
  readonly runsForMs: number;
  readonly runsForSpread: number;
}

/** An autoscaler that goes from few pods to many, stays, and comes back, maybe again and again. */
export interface AutoscalingStormWorkload extends WorkloadBase {
  readonly kind: "autoscaling-storm";
  readonly podsBefore: number;
  readonly podsAtPeak: number;
  /** The few pods start within this. */
  readonly startWithinMs: number;
  readonly atMs: number;
  /** From few to many within this. */
  readonly riseMs: number;
  /** Absent: to the end of the run. */
  readonly staysMs?: number;
  /** Back to few within this; those that came last go first. */
  readonly fallMs: number;
  /** Again after this, counted from the last beginning, at the earliest when it is over; absent: once. */
  readonly everyMs?: number;
}

/** Jobs of many pods, so many at a time. */
export interface BatchWorkload extends WorkloadBase {
  readonly kind: "batch";
  /** Pods of a Job, and how many of them run at the same time. */
  readonly completions: number;
  readonly parallelism: number;
  readonly runsForMs: number;
  /** `exponential`: at random, `runsForMs` on average. */
  readonly runLengths: "exponential" | "fixed";
  readonly firstAtMs: number;
  /** Absent: one Job. */
  readonly jobsPerHour?: number;
  /** At equal intervals, or at random times (Poisson). */
  readonly arrivals: "even" | "random";
}

/** What was counted elsewhere: at each time so many pods more, or fewer (those that started first end first). */
export interface RecordedWorkload extends WorkloadBase {
  readonly kind: "recorded";
  /** In order of time; never fewer than no pods. */
  readonly changes: readonly RecordedChange[];
}

export interface RecordedChange {
  readonly atMs: number;
  /** More than 0: pods that start; less: pods that end. */
  readonly pods: number;
}

/** Pods that were seen elsewhere, each with its own life. */
export interface RecordedPodsWorkload extends WorkloadBase {
  readonly kind: "recorded-pods";
  /** In order of their starts. */
  readonly pods: readonly RecordedPod[];
}

export interface RecordedPod {
  readonly startMs: number;
  /** Absent: it still ran when it was last seen. */
  readonly endMs?: number;
}

/** Pods over time, as a shape or as recorded. */
export type Workload =
  | SteadyWorkload
  | DiurnalWorkload
  | DeployWavesWorkload
  | CronBurstsWorkload
  | AutoscalingStormWorkload
  | BatchWorkload
  | RecordedWorkload
  | RecordedPodsWorkload;

/**
 * One pod is wanted, or not wanted any more. Pods are numbered within their workload; a number is used for one pod only.
 *
 * A pod with `runsForMs` is a Job's: it ends by itself, that long after it began to run. Any other runs until an `end` names it; one that still
 * waits for a node or an address then gives up. Times are whole milliseconds.
 */
export type PodEvent =
  | { readonly kind: "start"; readonly atMs: number; readonly pod: number; readonly runsForMs?: number }
  | { readonly kind: "end"; readonly atMs: number; readonly pod: number };

/** The events of one workload in order of time, made one by one: a day of a large fleet has millions. May end, or go on past the run's end. */
export type PodEvents = Iterator<PodEvent, undefined>;

/**
 * How a shape becomes events: the same ones for the same seed. Shapes do not see the fleet: a rollout goes on, and a Job starts its next pod, when the
 * pods before would be ready or over if they had started at once.
 */
export type PodEventsOf<W extends Workload> = (workload: W, seed: number) => Generator<PodEvent, undefined>;
