import { scaledCount } from "../objects/index.ts";
import type { Deployment, ReplicaSet } from "../objects/index.ts";
import { DESIRED_REPLICAS, MAX_REPLICAS, byAge } from "./revisions.ts";

/** A replica set and the size it shall have. */
export interface Scaling {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

/** How far a rolling update may go beyond and below the wanted count. Zero for both would stand still, so one may then be missing. */
export function rollingBounds(deployment: Deployment): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const { replicas = 1, strategy } = deployment.spec;
  if (strategy?.type === "Recreate") return { maxSurge: 0, maxUnavailable: replicas };
  const maxSurge = scaledCount(strategy?.rollingUpdate?.maxSurge ?? "25%", replicas, "up");
  const maxUnavailable = scaledCount(strategy?.rollingUpdate?.maxUnavailable ?? "25%", replicas, "down");
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge: 0, maxUnavailable: 1 };
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

/** Pods allowed at once during a rollout. */
export function maxReplicasOf(deployment: Deployment): number {
  const { replicas = 1 } = deployment.spec;
  return replicas === 0 ? 0 : replicas + rollingBounds(deployment).maxSurge;
}

export function sizeOf(set: ReplicaSet): number {
  return set.spec.replicas ?? 1;
}

export function totalSize(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + sizeOf(set), 0);
}

export function totalAvailable(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
}

/** The count was changed since the replica sets were last sized. */
export function isScalingEvent(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  const wanted = String(deployment.spec.replicas ?? 1);
  return sets.some((set) => {
    const noted = set.metadata.annotations?.[DESIRED_REPLICAS];
    return sizeOf(set) > 0 && noted !== undefined && noted !== wanted;
  });
}

/**
 * Sizes after the wanted count changed, also in the middle of a rollout: there, every active replica set takes its share
 * of the change, so that old and new keep their proportion.
 */
export function scaleAll(deployment: Deployment, newSet: ReplicaSet | undefined, oldSets: readonly ReplicaSet[]): readonly Scaling[] {
  const all = newSet === undefined ? oldSets : [...oldSets, newSet];
  const wanted = deployment.spec.replicas ?? 1;
  const active = all.filter((set) => sizeOf(set) > 0);
  const only = active.length === 0 ? (newSet ?? byAge(oldSets).at(-1)) : active.length === 1 ? active[0] : undefined;
  if (active.length <= 1) return only === undefined ? [] : [{ replicaSet: only, replicas: wanted }];
  if (newSet !== undefined && isSaturated(deployment, newSet)) {
    return oldSets.filter((set) => sizeOf(set) > 0).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  }
  if (deployment.spec.strategy?.type === "Recreate") return [];
  return proportionally(deployment, active);
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  const noted = Number(set.metadata.annotations?.[DESIRED_REPLICAS] ?? Number.NaN);
  return sizeOf(set) === wanted && noted === wanted && (set.status?.availableReplicas ?? 0) === wanted;
}

function proportionally(deployment: Deployment, active: readonly ReplicaSet[]): readonly Scaling[] {
  const allowed = maxReplicasOf(deployment);
  const change = allowed - totalSize(active);
  // The largest first; equally large: the newest when growing, the oldest when shrinking.
  const aged = change > 0 ? [...byAge(active)].reverse() : byAge(active);
  const ordered = [...aged].sort((a, b) => sizeOf(b) - sizeOf(a));
  let left = change;
  const scalings = ordered.map((replicaSet) => {
    const share = clampTowards(shareOf(replicaSet, allowed), left);
    left -= share;
    return { replicaSet, replicas: sizeOf(replicaSet) + share };
  });
  // What rounding left over goes to the first.
  return scalings.map((scaling, index) => (index === 0 ? { ...scaling, replicas: Math.max(0, scaling.replicas + left) } : scaling));
}

/** How much a replica set should change for the whole to become `allowed`. */
function shareOf(set: ReplicaSet, allowed: number): number {
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? 0) || 0;
  if (allowed === 0) return -sizeOf(set);
  if (before === 0) return 0;
  return Math.round((sizeOf(set) * allowed) / before) - sizeOf(set);
}

function clampTowards(share: number, left: number): number {
  return left > 0 ? Math.min(Math.max(share, 0), left) : Math.max(Math.min(share, 0), left);
}
