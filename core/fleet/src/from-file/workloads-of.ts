import { countOf, durationMs, ratePerHour, type ClusterFile, type ClusterShape } from "@slash28/cluster-file";
import type { Lifetime, Workload } from "../workloads/workload.ts";

const HOUR_MS = 3_600_000;
/** Cluster DNS comes when there are nodes, so that its pods spread over them as they prefer to. */
const DNS_STARTS_WITHIN_MS = 60_000;

/** What a file says runs: its shapes, and cluster DNS where it has that. */
export function workloadsOf({ clusterDns, workload }: ClusterFile): readonly Workload[] {
  const dns: Workload = { kind: "steady", name: "coredns", pods: clusterDns.replicas, startWithinMs: DNS_STARTS_WITHIN_MS };
  return [...(clusterDns.enabled && clusterDns.replicas > 0 ? [dns] : []), ...workload.shapes.map(workloadOf)];
}

function workloadOf(shape: ClusterShape): Workload {
  const { name, nodeGroup, isolated } = shape;
  return {
    ...partsOf(shape),
    name,
    ...(nodeGroup === undefined ? {} : { nodeGroup }),
    ...(isolated ? { isIsolated: true as const } : {}),
  };
}

/** A union whose members each lose what every shape has. */
type Parts<W extends Workload = Workload> = W extends Workload ? Omit<W, "name" | "nodeGroup" | "isIsolated"> : never;

function partsOf(shape: ClusterShape): Parts {
  switch (shape.shape) {
    case "steady": {
      const lifetime = lifetimeOf(shape);
      return {
        kind: "steady",
        pods: shape.pods,
        startWithinMs: durationMs(shape.startWithin),
        ...(lifetime === undefined ? {} : { lifetime }),
      };
    }
    case "diurnal":
      return diurnal(shape);
    case "deploy-waves":
      return {
        kind: "deploy-waves",
        pods: shape.pods,
        startWithinMs: durationMs(shape.startWithin),
        firstAtMs: durationMs(shape.firstAt ?? shape.every),
        everyMs: durationMs(shape.every),
        maxSurge: countOf(shape.maxSurge, shape.pods, "up"),
        maxUnavailable: countOf(shape.maxUnavailable, shape.pods, "down"),
        readyAfterMs: durationMs(shape.readyAfter),
      };
    case "cron-bursts":
      return {
        kind: "cron-bursts",
        pods: shape.pods,
        firstAtMs: durationMs(shape.firstAt),
        everyMs: durationMs(shape.every),
        startWithinMs: durationMs(shape.jitter),
        runsForMs: durationMs(shape.runsFor),
        runsForSpread: Number(shape.runsForSpread.slice(0, -1)) / 100,
      };
    case "autoscaling-storm":
      return storm(shape);
    case "batch":
      return {
        kind: "batch",
        completions: shape.completions,
        parallelism: shape.parallelism,
        runsForMs: durationMs(shape.runsFor),
        runLengths: shape.runLengths,
        firstAtMs: durationMs(shape.firstAt),
        ...(shape.jobs === undefined ? {} : { jobsPerHour: ratePerHour(shape.jobs) }),
        arrivals: shape.arrivals,
      };
    case "recorded":
      return { kind: "recorded", changes: shape.events.map(({ at, pods }) => ({ atMs: durationMs(at), pods })) };
    default:
      return shape satisfies never;
  }
}

type ShapeOf<Kind extends ClusterShape["shape"]> = Extract<ClusterShape, { readonly shape: Kind }>;

/** A rate of replacement is a mean lifetime: fifty of a hundred pods an hour live two hours on average. */
function lifetimeOf({ pods, lifetime, lifetimes, replaced }: ShapeOf<"steady">): Lifetime | undefined {
  if (lifetime !== undefined) {
    return lifetimes === "fixed" ? { kind: "fixed", ms: durationMs(lifetime) } : { kind: "exponential", meanMs: durationMs(lifetime) };
  }
  const perHour = replaced === undefined ? 0 : ratePerHour(replaced);
  return perHour === 0 ? undefined : { kind: "exponential", meanMs: (pods * HOUR_MS) / perHour };
}

function diurnal({ low, high, period, peakAt, startWithin, lifetime }: ShapeOf<"diurnal">): Parts {
  const periodMs = durationMs(period);
  return {
    kind: "diurnal",
    podsLow: low,
    podsHigh: high,
    periodMs,
    peakAtMs: peakAt === undefined ? periodMs / 2 : durationMs(peakAt),
    startWithinMs: durationMs(startWithin),
    ...(lifetime === undefined ? {} : { meanLifetimeMs: durationMs(lifetime) }),
  };
}

function storm({ from, to, startWithin, at, within, staysFor, every }: ShapeOf<"autoscaling-storm">): Parts {
  return {
    kind: "autoscaling-storm",
    podsBefore: from,
    podsAtPeak: to,
    startWithinMs: durationMs(startWithin),
    atMs: durationMs(at),
    riseMs: durationMs(within),
    fallMs: durationMs(within),
    ...(staysFor === undefined ? {} : { staysMs: durationMs(staysFor) }),
    ...(every === undefined ? {} : { everyMs: durationMs(every) }),
  };
}
