import type { Millis } from "@slash28/ports";
import { availableInMs } from "../objects/index.ts";
import type { Pod, StatefulSet, StatefulSetStatus } from "../objects/index.ts";
import { isRunningAndReady, versionOf } from "./replicas.ts";
import type { Version } from "./replicas.ts";

export interface StatusObserved {
  readonly set: StatefulSet;
  readonly current: Version;
  readonly update: Version;
  readonly now: Millis;
}

/** The status to report; a rollout is over, and `currentRevision` the new one, once every pod is updated and ready. */
export function statefulSetStatus(
  { set, current, update, now }: StatusObserved,
  pods: readonly Pod[],
): { readonly status: StatefulSetStatus; readonly afterMs?: number } {
  const { count, afterMs } = countsOf({ set, current, update, now }, pods);
  const isOver =
    (set.spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate" && count.updated === pods.length && count.ready === pods.length;
  const { generation } = set.metadata;
  const status: StatefulSetStatus = {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    replicas: pods.length,
    readyReplicas: count.ready,
    availableReplicas: count.available,
    currentReplicas: isOver ? count.updated : count.current,
    updatedReplicas: count.updated,
    currentRevision: isOver ? update.name : current.name,
    updateRevision: update.name,
    collisionCount: set.status?.collisionCount ?? 0,
  };
  return afterMs === undefined ? { status } : { status, afterMs };
}

function countsOf({ set, current, update, now }: StatusObserved, pods: readonly Pod[]) {
  const count = { ready: 0, available: 0, current: 0, updated: 0 };
  let afterMs: number | undefined;
  for (const pod of pods) {
    if (isRunningAndReady(pod)) {
      count.ready++;
      const waitMs = availableInMs(pod, set.spec.minReadySeconds ?? 0, now) ?? 0;
      if (waitMs === 0) count.available++;
      else afterMs = Math.min(afterMs ?? waitMs, waitMs);
    }
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    if (versionOf(pod) === current.name) count.current++;
    if (versionOf(pod) === update.name) count.updated++;
  }
  return { count, afterMs };
}
