import type { Millis } from "@slash28/ports";
import { conditionOf, withCondition } from "../objects/index.ts";
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from "../objects/index.ts";
import { rollingBounds, totalAvailable, totalSize } from "./scale.ts";

export interface StatusObserved {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  readonly oldSets: readonly ReplicaSet[];
  readonly now: Millis;
}

/** The status to report; `kubectl rollout status` reads the counts, the generation and the Progressing condition. */
export function deploymentStatus(observed: StatusObserved): DeploymentStatus {
  const { deployment, newSet, oldSets, now } = observed;
  const all = newSet === undefined ? oldSets : [...oldSets, newSet];
  const available = totalAvailable(all);
  const sum = (count: (set: ReplicaSet) => number | undefined): number => all.reduce((total, set) => total + (count(set) ?? 0), 0);
  const { generation } = deployment.metadata;
  const counts: DeploymentStatus = {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    replicas: sum((set) => set.status?.replicas),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum((set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, totalSize(all) - available),
    ...(deployment.status?.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
  };
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  const conditions = withCondition(deployment.status?.conditions, availableCondition(deployment, available, time), time);
  const said = progressOf(observed, counts);
  if (said === undefined) return { ...counts, conditions };
  const { status, reason, message } = said;
  const progressing = { type: "Progressing", status, reason, message, lastUpdateTime: time };
  // Each step forward starts the deadline anew.
  return { ...counts, conditions: withCondition(conditions, progressing, time, reason === "ReplicaSetUpdated") };
}

function availableCondition(deployment: Deployment, available: number, time: string): Condition {
  const minimum = (deployment.spec.replicas ?? 1) - rollingBounds(deployment).maxUnavailable;
  return available >= minimum
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
        lastUpdateTime: time,
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
        lastUpdateTime: time,
      };
}

interface Said {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** What to say of the rollout's progress; `undefined`: what was said last still holds. */
function progressOf(observed: StatusObserved, next: DeploymentStatus): Said | undefined {
  const { deployment, newSet } = observed;
  const before = conditionOf(deployment.status?.conditions, "Progressing");
  if (deployment.spec.paused === true) return { status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" };
  if (before?.reason === "DeploymentPaused") {
    return { status: "Unknown", reason: "DeploymentResumed", message: "Deployment is resumed" };
  }
  if (newSet === undefined) return undefined;
  const name = `"${newSet.metadata.name}"`;
  if (isComplete(deployment, next)) {
    return { status: "True", reason: "NewReplicaSetAvailable", message: `ReplicaSet ${name} has successfully progressed.` };
  }
  const wasComplete = before?.reason === "NewReplicaSetAvailable";
  // A finished rollout stays finished while single pods come and go; only a new template starts another.
  if (wasComplete && before.message?.startsWith(`ReplicaSet ${name}`) === true) return undefined;
  if (before === undefined || wasComplete) {
    return { status: "True", reason: "NewReplicaSetCreated", message: `Created new replica set ${name}` };
  }
  return movementOf(observed, next);
}

function movementOf({ deployment, newSet, now }: StatusObserved, next: DeploymentStatus): Said | undefined {
  const name = `"${newSet?.metadata.name ?? ""}"`;
  if (hasProgressed(deployment.status ?? {}, next)) {
    return { status: "True", reason: "ReplicaSetUpdated", message: `ReplicaSet ${name} is progressing.` };
  }
  if (progressOverdueInMs(deployment, now) === 0) {
    return { status: "False", reason: "ProgressDeadlineExceeded", message: `ReplicaSet ${name} has timed out progressing.` };
  }
  return undefined;
}

/** All replicas are of the present template, available, and no old one is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return status.updatedReplicas === wanted && status.replicas === wanted && status.availableReplicas === wanted;
}

function hasProgressed(before: DeploymentStatus, next: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(next) < old(before) ||
    (next.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** How long until the rollout counts as stuck; `undefined` when it has no deadline running. */
export function progressOverdueInMs(deployment: Deployment, now: Millis): number | undefined {
  const seconds = deployment.spec.progressDeadlineSeconds;
  const progressing = conditionOf(deployment.status?.conditions, "Progressing");
  if (seconds === undefined || progressing === undefined || deployment.spec.paused === true) return undefined;
  if (progressing.reason === "NewReplicaSetAvailable" || progressing.reason === "ProgressDeadlineExceeded") return undefined;
  const since = Date.parse(progressing.lastUpdateTime ?? progressing.lastTransitionTime ?? "");
  return Number.isNaN(since) ? undefined : Math.max(0, since + seconds * 1_000 - now);
}
