/** What every shape of work has. Times are milliseconds since the start of the run. */
interface WorkloadBase {
  /** Told in results and errors. */
  readonly name: string;
  /** The node group its pods run on; absent: any. */
  readonly nodeGroup?: string;
}

/** As many pods all the time: a Deployment whose pods are replaced now and then. */
export interface SteadyWorkload extends WorkloadBase {
  readonly kind: "steady";
  readonly pods: number;
  /** The first pods start within this. */
  readonly startWithinMs: number;
  /** Pods that end and are replaced by new ones, per hour; at random times. */
  readonly replacedPerHour: number;
}

/** Pods follow the day: a sine between two numbers, as an autoscaler makes it. */
export interface DiurnalWorkload extends WorkloadBase {
  readonly kind: "diurnal";
  readonly podsAtNight: number;
  readonly podsAtPeak: number;
  /** A day. */
  readonly periodMs: number;
  /** When the first peak is. */
  readonly peakAtMs: number;
  /** The autoscaler looks this often. */
  readonly stepMs: number;
}

/** A Deployment that is rolled out again and again. */
export interface DeployWavesWorkload extends WorkloadBase {
  readonly kind: "deploy-waves";
  readonly pods: number;
  readonly firstAtMs: number;
  readonly everyMs: number;
  /** Pods above `pods` while a rollout runs. */
  readonly maxSurge: number;
  /** Pods that may be missing while a rollout runs. */
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
  /** The pods of a burst start within this. */
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
  readonly atMs: number;
  /** From few to many within this. */
  readonly riseMs: number;
  readonly staysMs: number;
  readonly fallMs: number;
  /** Again after this, counted from the last beginning; absent: once. */
  readonly everyMs?: number;
}

/** Jobs that arrive at random (Poisson) and run for a random while (exponential about a mean). */
export interface BatchWorkload extends WorkloadBase {
  readonly kind: "batch";
  readonly podsPerHour: number;
  readonly fromMs: number;
  /** Absent: to the end of the run. */
  readonly untilMs?: number;
  readonly runsForMs: number;
}

/** What was written down elsewhere: at each time so many pods more, or fewer (those that started first end first). */
export interface RecordedWorkload extends WorkloadBase {
  readonly kind: "recorded";
  /** In order of time. */
  readonly changes: readonly RecordedChange[];
}

export interface RecordedChange {
  readonly atMs: number;
  /** More than 0: pods that start; less: pods that end. */
  readonly pods: number;
}

/** Pods over time, as a shape or as recorded. */
export type Workload =
  | SteadyWorkload
  | DiurnalWorkload
  | DeployWavesWorkload
  | CronBurstsWorkload
  | AutoscalingStormWorkload
  | BatchWorkload
  | RecordedWorkload;

/**
 * One pod is wanted, or not wanted any more. Pods are numbered within their workload; a number is used for one pod only.
 *
 * A pod with `runsForMs` is a Job's: it ends by itself, that long after it began to run. Any other runs until an `end` names it; one that still
 * waits for a node or an address then gives up.
 */
export type PodEvent =
  | { readonly kind: "start"; readonly atMs: number; readonly pod: number; readonly runsForMs?: number }
  | { readonly kind: "end"; readonly atMs: number; readonly pod: number };

/** The events of one workload in order of time, made one by one: a day of a large fleet has millions. May end, or go on past the run's end. */
export type PodEvents = Iterator<PodEvent, undefined>;

/** How a shape becomes events: the same ones for the same seed. `durationMs` is the length of the run. */
export type PodEventsOf<W extends Workload> = (workload: W, run: { readonly seed: number; readonly durationMs: number }) => PodEvents;
