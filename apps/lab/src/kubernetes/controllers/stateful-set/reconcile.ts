import type { Millis } from "@slash28/ports";
import { availableInMs, hasEnded, isControlledBy, matchesSelector, scaledCount } from "../objects/index.ts";
import type { Pod, StatefulSet, StatefulSetStatus } from "../objects/index.ts";
import { isHealthy, isOrphanOf, isRunningAndReady, ordinalOf, statefulPod, versionOf, wantedOrdinals } from "./replicas.ts";
import type { Version } from "./replicas.ts";
import { statefulSetStatus } from "./stateful-set-status.ts";

export interface StatefulSetObserved {
  readonly set: StatefulSet;
  /** The pods it owns, and those of its namespace that nobody owns. */
  readonly pods: readonly Pod[];
  /** What pods had before the present rollout. */
  readonly current: Version;
  /** What they shall have. */
  readonly update: Version;
  readonly now: Millis;
}

export type StatefulSetAction =
  /** The claims of the pod come first. */
  | { readonly kind: "create"; readonly ordinal: number; readonly pod: Pod }
  /** `isScaledDown`: the set no longer wants this number. */
  | { readonly kind: "delete"; readonly ordinal: number; readonly pod: Pod; readonly isScaledDown: boolean }
  | { readonly kind: "adopt"; readonly pod: Pod };

export interface StatefulSetPlan {
  readonly actions: readonly StatefulSetAction[];
  readonly status: StatefulSetStatus;
  /** When a ready pod becomes available. */
  readonly afterMs?: number;
}

/**
 * One turn of a stateful set. With OrderedReady each step waits for all pods before it; with Parallel all is done at once.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
export function reconcileStatefulSet(observed: StatefulSetObserved): StatefulSetPlan {
  const { set, now } = observed;
  const isGoing = set.metadata.deletionTimestamp !== undefined;
  const matching = observed.pods.filter((pod) => matchesSelector(set.spec.selector, pod.metadata.labels));
  const mine = matching.filter((pod) => isControlledBy(pod, set) && ordinalOf(set, pod.metadata.name) !== undefined);
  const adopt = isGoing ? [] : matching.filter((pod) => isOrphanOf(set, pod));
  const { status, afterMs } = statefulSetStatus(observed, mine);
  const steps = isGoing ? [] : stepsOf(observed, mine);
  // What is adopted now is counted in the turn that its change brings.
  const actions = adopt.length > 0 ? adopt.map((pod) => ({ kind: "adopt" as const, pod })) : steps;
  const waitMs = earliest([...mine.map((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, now)), afterMs]);
  return waitMs === undefined ? { actions, status } : { actions, status, afterMs: waitMs };
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const open = times.filter((time): time is number => time !== undefined && time > 0);
  return open.length === 0 ? undefined : Math.min(...open);
}

function stepsOf(observed: StatefulSetObserved, mine: readonly Pod[]): readonly StatefulSetAction[] {
  const { set } = observed;
  const isOrdered = set.spec.podManagementPolicy !== "Parallel";
  const wanted = wantedOrdinals(set);
  const byOrdinal = new Map(mine.map((pod) => [ordinalOf(set, pod.metadata.name) ?? -1, pod]));
  const fill = fillUp(observed, wanted, byOrdinal, isOrdered);
  if (isOrdered && fill.isWaiting) return fill.actions;
  const spare = [...byOrdinal].filter(([ordinal]) => !wanted.includes(ordinal)).sort(([a], [b]) => b - a);
  const shrink = shrinkDown(spare, isOrdered);
  const actions = [...fill.actions, ...shrink];
  if (spare.length > 0 && isOrdered) return actions;
  return [...actions, ...rollForward(observed, wanted, byOrdinal)];
}

/** Missing and ended pods are made, lowest number first. */
function fillUp(
  observed: StatefulSetObserved,
  wanted: readonly number[],
  pods: ReadonlyMap<number, Pod>,
  isOrdered: boolean,
): { readonly actions: readonly StatefulSetAction[]; readonly isWaiting: boolean } {
  const { set, now } = observed;
  const actions: StatefulSetAction[] = [];
  for (const ordinal of wanted) {
    const pod = pods.get(ordinal);
    let isFine = false;
    if (pod === undefined) actions.push({ kind: "create", ordinal, pod: statefulPod(set, ordinal, versionFor(observed, ordinal)) });
    else if (pod.metadata.deletionTimestamp !== undefined) isFine = false;
    else if (hasEnded(pod)) actions.push({ kind: "delete", ordinal, pod, isScaledDown: false });
    else isFine = isRunningAndReady(pod) && availableInMs(pod, set.spec.minReadySeconds ?? 0, now) === 0;
    if (!isFine && isOrdered) return { actions, isWaiting: true };
  }
  return { actions, isWaiting: false };
}

/** A pod below the partition keeps the version from before. */
function versionFor({ set, current, update }: StatefulSetObserved, ordinal: number): Version {
  const { type = "RollingUpdate", rollingUpdate } = set.spec.updateStrategy ?? {};
  const start = set.spec.ordinals?.start ?? 0;
  return type === "RollingUpdate" && ordinal < start + (rollingUpdate?.partition ?? 0) ? current : update;
}

/** Pods beyond the wanted count go, highest number first. */
function shrinkDown(spare: readonly (readonly [number, Pod])[], isOrdered: boolean): readonly StatefulSetAction[] {
  const goes = ([ordinal, pod]: readonly [number, Pod]): StatefulSetAction => ({ kind: "delete", ordinal, pod, isScaledDown: true });
  if (!isOrdered) return spare.filter(([, pod]) => pod.metadata.deletionTimestamp === undefined).map(goes);
  const [first] = spare;
  return first === undefined || first[1].metadata.deletionTimestamp !== undefined ? [] : [goes(first)];
}

/** Pods of an older version are deleted, highest number first, while no more than `maxUnavailable` do not serve. */
function rollForward(
  observed: StatefulSetObserved,
  wanted: readonly number[],
  pods: ReadonlyMap<number, Pod>,
): readonly StatefulSetAction[] {
  const { set, update } = observed;
  const { type = "RollingUpdate", rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== "RollingUpdate") return [];
  const maxUnavailable = Math.max(1, scaledCount(rollingUpdate?.maxUnavailable ?? 1, wanted.length, "up"));
  let room = maxUnavailable - wanted.filter((ordinal) => !isHealthy(pods.get(ordinal))).length;
  const actions: StatefulSetAction[] = [];
  for (const ordinal of wanted.slice(rollingUpdate?.partition ?? 0).toReversed()) {
    if (room <= 0) break;
    const pod = pods.get(ordinal);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || versionOf(pod) === update.name) continue;
    actions.push({ kind: "delete", ordinal, pod, isScaledDown: false });
    room--;
  }
  return actions;
}
