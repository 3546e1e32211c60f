import { cidr4 } from "@slash28/address";
import type { FleetInput, FleetNodeGroup, Workload } from "@slash28/fleet";
import { createRandom, type Random } from "@slash28/simulation";
import { DRAW_SHAPE, type ShapeKind } from "./draw-shape.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./durations.ts";

/** A fleet and its pods that warm policies are tried on; the settings are what changes. */
export interface Trial {
  readonly name: string;
  readonly input: Omit<FleetInput, "env">;
}

/** Nodes of one type, for the shapes alone. */
const ONE_TYPE: readonly FleetNodeGroup[] = [{ name: "general", instanceType: "m5.xlarge", nodes: 4 }];
/** As many pods as nodes of both sizes take, for the mixes. */
const TWO_TYPES: readonly FleetNodeGroup[] = [
  { name: "small", instanceType: "m5.large", nodes: 4 },
  { name: "large", instanceType: "m5.2xlarge", nodes: 2 },
];

/** Each shape of work by itself on a fleet of one type of node. */
const SHAPES: readonly Workload[] = [
  { kind: "steady", name: "steady", pods: 60, startWithinMs: 5 * MINUTE, lifetime: { kind: "exponential", meanMs: HOUR } },
  {
    kind: "diurnal",
    name: "diurnal",
    podsLow: 20,
    podsHigh: 120,
    periodMs: DAY,
    peakAtMs: 14 * HOUR,
    startWithinMs: 5 * MINUTE,
    meanLifetimeMs: 3 * HOUR,
  },
  {
    kind: "deploy-waves",
    name: "deploy waves",
    pods: 60,
    startWithinMs: 5 * MINUTE,
    firstAtMs: HOUR,
    everyMs: 2 * HOUR,
    maxSurge: 15,
    maxUnavailable: 15,
    readyAfterMs: 30 * SECOND,
  },
  {
    kind: "cron-bursts",
    name: "cron bursts",
    pods: 40,
    firstAtMs: 20 * MINUTE,
    everyMs: HOUR,
    startWithinMs: 3 * SECOND,
    runsForMs: 5 * MINUTE,
    runsForSpread: 0.3,
  },
  {
    kind: "autoscaling-storm",
    name: "autoscaling storm",
    podsBefore: 20,
    podsAtPeak: 120,
    startWithinMs: 5 * MINUTE,
    atMs: HOUR,
    riseMs: 45 * SECOND,
    staysMs: 30 * MINUTE,
    fallMs: 10 * MINUTE,
    everyMs: 4 * HOUR,
  },
  {
    kind: "batch",
    name: "batch",
    completions: 30,
    parallelism: 15,
    runsForMs: 90 * SECOND,
    runLengths: "exponential",
    firstAtMs: 20 * MINUTE,
    jobsPerHour: 4,
    arrivals: "random",
  },
];

function fleet(nodeGroups: readonly FleetNodeGroup[], workloads: readonly Workload[], durationMs: number, seed: number): Trial["input"] {
  return {
    region: "us-east-1",
    vpcCidrs: [cidr4("10.0.0.0/16")],
    subnets: [{ name: "nodes-a", zone: "us-east-1a", cidr: cidr4("10.0.0.0/19"), isForNodes: true }],
    nodeGroups,
    eniConfigs: {},
    daemonPods: 2,
    hostNetworkPods: 2,
    workloads,
    changes: [],
    ec2: { throttling: true, latency: "typical", eniQuota: 5_000 },
    durationMs,
    seed,
  };
}

export function shapeTrials(seed: number, durationMs = 3 * DAY): readonly Trial[] {
  return SHAPES.map((shape) => ({ name: shape.name, input: fleet(ONE_TYPE, [shape], durationMs, seed) }));
}

/** Each shape by itself with numbers drawn from the seed, on nodes of two sizes. */
export function drawnShapeTrials(seed: number, durationMs = 3 * DAY): readonly Trial[] {
  return (Object.keys(DRAW_SHAPE) as ShapeKind[]).map((kind) => {
    const workload = DRAW_SHAPE[kind](createRandom("shape", kind, seed));
    return { name: `${workload.name}, numbers of seed ${seed}`, input: fleet(TWO_TYPES, [workload], durationMs, seed) };
  });
}

/** Two to four shapes at once with numbers drawn from the seed, on nodes of two sizes. */
export function mixTrial(seed: number, durationMs = 3 * DAY): Trial {
  const random = createRandom("mix", seed);
  const kinds = drawn(random, Object.keys(DRAW_SHAPE) as ShapeKind[], random.between(2, 4));
  const workloads = kinds.map((kind): Workload => {
    const nodeGroup = random.pick([undefined, "small", "large"]);
    return { ...DRAW_SHAPE[kind](random), ...(nodeGroup === undefined ? {} : { nodeGroup }) };
  });
  return { name: `mix ${seed}: ${kinds.join(", ")}`, input: fleet(TWO_TYPES, workloads, durationMs, seed) };
}

function drawn<T>(random: Random, from: readonly T[], count: number): readonly T[] {
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(random.int(left.length), 1)[0] as T);
}
