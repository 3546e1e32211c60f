import type { Millis } from "@slash28/ports";
import { isActive, sameJson } from "../objects/index.ts";
import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from "../objects/index.ts";
import { deploymentStatus, isComplete, progressOverdueInMs } from "./deployment-status.ts";
import {
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  REVISION,
  byAge,
  findNewReplicaSet,
  nextRevision,
  replicaSetFor,
  revisionOf,
  withRevision,
} from "./revisions.ts";
import { newSetSize, shrinkOldSets } from "./roll.ts";
import { isScalingEvent, maxReplicasOf, scaleAll, sizeOf } from "./scale.ts";
import type { Scaling } from "./scale.ts";

export interface DeploymentObserved {
  readonly deployment: Deployment;
  /** Those it owns. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Pods of these replica sets: a Recreate waits for the last old one. */
  readonly pods: readonly Pod[];
  readonly now: Millis;
}

export type DeploymentAction =
  | { readonly kind: "create-replica-set"; readonly replicaSet: ReplicaSet }
  /** Write the replica set; `from` and `to` are its sizes. */
  | { readonly kind: "update-replica-set"; readonly replicaSet: ReplicaSet; readonly from: number; readonly to: number }
  | { readonly kind: "delete-replica-set"; readonly replicaSet: ReplicaSet }
  /** Note the revision on the deployment. */
  | { readonly kind: "annotate"; readonly annotations: Readonly<Record<string, string>> }
  | { readonly kind: "update-status"; readonly status: DeploymentStatus };

export interface DeploymentPlan {
  readonly actions: readonly DeploymentAction[];
  /** When the rollout counts as stuck. */
  readonly afterMs?: number;
}

/** One turn of a deployment. Every step of a rollout is planned from what is seen, so a lost turn is made up by the next. */
export function reconcileDeployment(observed: DeploymentObserved): DeploymentPlan {
  const { deployment, now } = observed;
  if (deployment.metadata.deletionTimestamp !== undefined) return { actions: [] };
  const newSet = findNewReplicaSet(deployment, observed.replicaSets);
  const oldSets = observed.replicaSets.filter((set) => set !== newSet);
  const isHeld = deployment.spec.paused === true || isScalingEvent(deployment, observed.replicaSets);
  const steps = isHeld ? scaleSteps(deployment, newSet, oldSets) : rolloutSteps(observed, newSet, oldSets);
  const status = deploymentStatus({ deployment, newSet, oldSets, now });
  const tidy = isComplete(deployment, status) || deployment.spec.paused === true ? historySteps(deployment, oldSets) : [];
  const report: DeploymentAction[] = sameJson(status, deployment.status) ? [] : [{ kind: "update-status", status }];
  const afterMs = progressOverdueInMs(deployment, now);
  const actions = [...steps, ...revisionSteps(deployment, newSet, oldSets), ...tidy, ...report];
  return afterMs === undefined || afterMs === 0 ? { actions } : { actions, afterMs };
}

function scaleSteps(deployment: Deployment, newSet: ReplicaSet | undefined, oldSets: readonly ReplicaSet[]): DeploymentAction[] {
  const scalings = scaleAll(deployment, newSet, oldSets);
  return scalings.flatMap((scaling) => resize(deployment, scaling));
}

function rolloutSteps(observed: DeploymentObserved, newSet: ReplicaSet | undefined, oldSets: readonly ReplicaSet[]): DeploymentAction[] {
  const { deployment } = observed;
  const active = oldSets.filter((set) => sizeOf(set) > 0);
  if (deployment.spec.strategy?.type === "Recreate") {
    if (active.length > 0) return active.flatMap((replicaSet) => resize(deployment, { replicaSet, replicas: 0 }));
    if (hasOldPods(observed.pods, oldSets)) return [];
  }
  if (newSet === undefined) {
    const replicas = newSetSize(deployment, 0, oldSets);
    return [
      { kind: "create-replica-set", replicaSet: replicaSetFor(deployment, replicas, nextRevision(oldSets), maxReplicasOf(deployment)) },
    ];
  }
  const current = withRevision(newSet, deployment, nextRevision(oldSets));
  const replicas = newSetSize(deployment, sizeOf(newSet), oldSets);
  const grown = resize(deployment, { replicaSet: current, replicas }, newSet);
  return [...grown, ...shrinkOldSets(deployment, newSet, active).flatMap((scaling) => resize(deployment, scaling))];
}

/** The write that gives a replica set its size and notes what it was sized for; none where nothing differs from `before`. */
function resize(deployment: Deployment, scaling: Scaling, before: ReplicaSet = scaling.replicaSet): DeploymentAction[] {
  const { replicaSet, replicas } = scaling;
  const noted = { [DESIRED_REPLICAS]: String(deployment.spec.replicas ?? 1), [MAX_REPLICAS]: String(maxReplicasOf(deployment)) };
  const annotations = { ...replicaSet.metadata.annotations, ...noted };
  if (sizeOf(before) === replicas && sameJson(annotations, before.metadata.annotations)) return [];
  const next = { ...replicaSet, metadata: { ...replicaSet.metadata, annotations }, spec: { ...replicaSet.spec, replicas } };
  return [{ kind: "update-replica-set", replicaSet: next, from: sizeOf(before), to: replicas }];
}

function hasOldPods(pods: readonly Pod[], oldSets: readonly ReplicaSet[]): boolean {
  const uids = new Set(oldSets.map((set) => set.metadata.uid));
  return pods.some((pod) => {
    const isOld = pod.metadata.ownerReferences?.some((owner) => owner.controller === true && uids.has(owner.uid)) === true;
    // A pod on its way out still runs.
    return isOld && (isActive(pod) || pod.metadata.deletionTimestamp !== undefined);
  });
}

/** The deployment shows the revision of its present template. */
function revisionSteps(deployment: Deployment, newSet: ReplicaSet | undefined, oldSets: readonly ReplicaSet[]): DeploymentAction[] {
  if (newSet === undefined && deployment.spec.paused === true) return [];
  const revision = Math.max(newSet === undefined ? 0 : revisionOf(newSet), nextRevision(oldSets));
  if (revisionOf(deployment) === revision) return [];
  return [{ kind: "annotate", annotations: { [REVISION]: String(revision) } }];
}

/** Emptied old replica sets beyond the history limit, oldest revision first. */
function historySteps(deployment: Deployment, oldSets: readonly ReplicaSet[]): DeploymentAction[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const empty = byAge(oldSets).filter(
    (set) => sizeOf(set) === 0 && (set.status?.replicas ?? 0) === 0 && set.metadata.deletionTimestamp === undefined,
  );
  const ordered = [...empty].sort((a, b) => revisionOf(a) - revisionOf(b));
  return ordered.slice(0, Math.max(0, ordered.length - limit)).map((replicaSet) => ({ kind: "delete-replica-set", replicaSet }));
}
