import type { Millis } from "@slash28/ports";
import { availableInMs, controllerOf, isActive, isControlledBy, isReady, matchesLabels, matchesSelector } from "../objects/index.ts";
import type { Pod, ReplicaSet, ReplicaSetStatus } from "../objects/index.ts";
import { deletionOrder } from "./deletion-order.ts";

export interface ReplicaSetObserved {
  readonly replicaSet: ReplicaSet;
  /** The pods it owns, and those of its namespace that nobody owns. */
  readonly pods: readonly Pod[];
  readonly now: Millis;
}

/** One turn of a replica set: what to create, delete, take on and let go, and the status to report. */
export interface ReplicaSetPlan {
  readonly create: number;
  readonly delete: readonly Pod[];
  /** Pods that match and have no owner. */
  readonly adopt: readonly Pod[];
  /** Pods whose labels no longer match: an operator took them out. */
  readonly release: readonly Pod[];
  readonly status: ReplicaSetStatus;
  /** When a ready pod becomes available. */
  readonly afterMs?: number;
}

/** No more creations or deletions in one turn than this, as upstream: a mistyped count must not drown the API server. */
const BURST = 500;

export function reconcileReplicaSet(observed: ReplicaSetObserved): ReplicaSetPlan {
  const { replicaSet, now } = observed;
  const { selector } = replicaSet.spec;
  const isGoing = replicaSet.metadata.deletionTimestamp !== undefined;
  const owned = observed.pods.filter((pod) => isControlledBy(pod, replicaSet));
  const mine = owned.filter((pod) => matchesSelector(selector, pod.metadata.labels));
  const release = owned.filter((pod) => !mine.includes(pod));
  const adopt = isGoing
    ? []
    : observed.pods.filter((pod) => controllerOf(pod) === undefined && isActive(pod) && matchesSelector(selector, pod.metadata.labels));
  const active = [...mine.filter(isActive), ...adopt];
  const wanted = replicaSet.spec.replicas ?? 1;
  const surplus = active.length - wanted;
  return {
    create: isGoing ? 0 : Math.min(Math.max(-surplus, 0), BURST),
    delete: isGoing || surplus <= 0 ? [] : deletionOrder(active).slice(0, Math.min(surplus, BURST)),
    adopt,
    release: isGoing ? [] : release,
    ...statusOf(replicaSet, active, now),
  };
}

function statusOf(replicaSet: ReplicaSet, active: readonly Pod[], now: Millis): Pick<ReplicaSetPlan, "status" | "afterMs"> {
  const templateLabels = replicaSet.spec.template.metadata?.labels ?? {};
  let fullyLabeledReplicas = 0;
  let readyReplicas = 0;
  let availableReplicas = 0;
  let afterMs: number | undefined;
  for (const pod of active) {
    if (matchesLabels(templateLabels, pod.metadata.labels)) fullyLabeledReplicas++;
    if (isReady(pod)) readyReplicas++;
    const waitMs = availableInMs(pod, replicaSet.spec.minReadySeconds ?? 0, now);
    if (waitMs === 0) availableReplicas++;
    else if (waitMs !== undefined) afterMs = Math.min(afterMs ?? waitMs, waitMs);
  }
  const status: ReplicaSetStatus = {
    replicas: active.length,
    fullyLabeledReplicas,
    readyReplicas,
    availableReplicas,
    ...(replicaSet.metadata.generation === undefined ? {} : { observedGeneration: replicaSet.metadata.generation }),
    ...(replicaSet.status?.conditions === undefined ? {} : { conditions: replicaSet.status.conditions }),
  };
  return afterMs === undefined ? { status } : { status, afterMs };
}
