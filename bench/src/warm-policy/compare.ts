import { simulateFleet, type FleetInput, type FleetWatch } from "@slash28/fleet";
import { idleFloor } from "./idle-floor.ts";
import { ADAPTIVE, STATIC_SETTINGS } from "./static-settings.ts";
import type { Trial } from "./trials.ts";

type Env = FleetInput["env"];

/** What one run with one setting came to. */
export interface TrialResult {
  readonly env: Env;
  /** From the time a pod was wanted until it ran. */
  readonly startP99Ms: number;
  /** Addresses held that no pod had and that did not rest, of all nodes, on average over time. */
  readonly idle: number;
  readonly ec2Calls: number;
  readonly podsStarted: number;
  /** Pods that waited for an address on their node. */
  readonly podsDelayed: number;
}

/** The adaptive policy against the best static setting for the same pods. */
export interface Comparison {
  readonly trial: string;
  readonly best: TrialResult;
  /** Settings that were tried to find it. */
  readonly tried: number;
  readonly adaptive: TrialResult;
  /** See `idleFloor`. */
  readonly idleFloor: number;
}

export function runTrial(trial: Trial, env: Env, watch?: FleetWatch): TrialResult {
  const { summary } = simulateFleet({ ...trial.input, env }, watch);
  return {
    env,
    startP99Ms: summary.podStartMs.p99 ?? Number.POSITIVE_INFINITY,
    idle: summary.averageIdle,
    ec2Calls: summary.ec2Calls.total,
    podsStarted: summary.podsStarted,
    podsDelayed: summary.podsDelayedByAddresses,
  };
}

/** The least p99 first; of those the fewest idle addresses. */
export function bestOf(results: readonly TrialResult[]): TrialResult {
  const [first, ...rest] = results;
  if (first === undefined) throw new RangeError("no setting was tried");
  return rest.reduce((best, one) => (isBetter(one, best) ? one : best), first);
}

function isBetter(one: TrialResult, other: TrialResult): boolean {
  return one.startP99Ms < other.startP99Ms || (one.startP99Ms === other.startP99Ms && one.idle < other.idle);
}

export function compare(trial: Trial, settings: readonly Env[] = STATIC_SETTINGS, policy: Env = ADAPTIVE): Comparison {
  const best = bestOf(settings.map((env) => runTrial(trial, env)));
  const arrivals = new Map<string, number[]>();
  const podSeated = (node: string, atMs: number): void => {
    const times = arrivals.get(node);
    if (times === undefined) arrivals.set(node, [atMs]);
    else times.push(atMs);
  };
  const adaptive = runTrial(trial, policy, { podSeated });
  return { trial: trial.name, best, tried: settings.length, adaptive, idleFloor: idleFloor(arrivals.values()) };
}
