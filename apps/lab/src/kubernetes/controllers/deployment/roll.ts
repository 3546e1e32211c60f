import type { Deployment, ReplicaSet } from "../objects/index.ts";
import { byAge } from "./revisions.ts";
import { maxReplicasOf, rollingBounds, sizeOf, totalAvailable, totalSize } from "./scale.ts";
import type { Scaling } from "./scale.ts";

/** The size a new replica set starts with, or grows to: as much of the wanted count as the surge leaves room for. */
export function newSetSize(deployment: Deployment, newSize: number, oldSets: readonly ReplicaSet[]): number {
  const wanted = deployment.spec.replicas ?? 1;
  if (newSize > wanted) return wanted;
  if (deployment.spec.strategy?.type === "Recreate") return wanted;
  const room = maxReplicasOf(deployment) - totalSize(oldSets) - newSize;
  return room <= 0 ? newSize : newSize + Math.min(room, wanted - newSize);
}

/**
 * What the old replica sets give up now: first pods that do not serve anyway, then as many serving ones as leave the
 * minimum available.
 */
export function shrinkOldSets(deployment: Deployment, newSet: ReplicaSet, oldSets: readonly ReplicaSet[]): readonly Scaling[] {
  const minAvailable = (deployment.spec.replicas ?? 1) - rollingBounds(deployment).maxUnavailable;
  const newUnavailable = Math.max(0, sizeOf(newSet) - (newSet.status?.availableReplicas ?? 0));
  const maxDown = totalSize([...oldSets, newSet]) - minAvailable - newUnavailable;
  if (maxDown <= 0) return [];
  const sizes = new Map(oldSets.map((set) => [set, sizeOf(set)]));
  const ordered = byAge(oldSets);
  let downLeft = maxDown;
  for (const set of ordered) {
    const unhealthy = Math.max(0, sizeOf(set) - (set.status?.availableReplicas ?? 0));
    const down = Math.min(unhealthy, downLeft);
    sizes.set(set, sizeOf(set) - down);
    downLeft -= down;
  }
  let spare = Math.min(downLeft, totalAvailable([...oldSets, newSet]) - minAvailable);
  for (const set of ordered) {
    const size = sizes.get(set) ?? 0;
    const down = Math.max(0, Math.min(size, spare));
    sizes.set(set, size - down);
    spare -= down;
  }
  return ordered
    .filter((set) => sizes.get(set) !== sizeOf(set))
    .map((replicaSet) => ({ replicaSet, replicas: sizes.get(replicaSet) ?? 0 }));
}
