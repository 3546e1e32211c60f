import type { Millis } from "@slash28/ports";
import { availableInMs, isActive, isAvailable, isControlledBy, isReady, scaledCount } from "../objects/index.ts";
import type { DaemonSet, DaemonSetStatus, Node, Pod } from "../objects/index.ts";
import { revisionHashOf } from "../template-history.ts";
import { eligibilityOf, nodeOf } from "./node-eligibility.ts";

export interface DaemonSetObserved {
  readonly daemonSet: DaemonSet;
  readonly nodes: readonly Node[];
  /** Those it owns. */
  readonly pods: readonly Pod[];
  /** Of the present template. */
  readonly revisionHash: string;
  readonly now: Millis;
}

/** One turn of a daemon set: nodes to start a pod on, pods to end, the status to report. */
export interface DaemonSetPlan {
  readonly createOn: readonly string[];
  readonly delete: readonly Pod[];
  readonly status: DaemonSetStatus;
  /** When a ready pod becomes available. */
  readonly afterMs?: number;
}

/** The pods meant for one node. */
interface Place {
  readonly node: string;
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
  readonly pods: readonly Pod[];
}

/** One pod per eligible node; old ones are replaced as the update strategy allows. */
export function reconcileDaemonSet(observed: DaemonSetObserved): DaemonSetPlan {
  const { daemonSet } = observed;
  const places = placesOf(observed);
  const report = statusOf(observed, places);
  if (daemonSet.metadata.deletionTimestamp !== undefined) return { createOn: [], delete: [], ...report };
  const createOn: string[] = [];
  const ending: Pod[] = [];
  for (const place of places) {
    const kept = keptPod(place);
    if (kept === undefined && place.shouldRun && place.pods.every((pod) => !isLingering(pod))) createOn.push(place.node);
    for (const pod of place.pods) if (pod !== kept && pod.metadata.deletionTimestamp === undefined) ending.push(pod);
  }
  const outdated = daemonSet.spec.updateStrategy?.type === "OnDelete" ? [] : outdatedToDelete(observed, places);
  return { createOn, delete: [...ending, ...outdated], ...report };
}

function placesOf(observed: DaemonSetObserved): readonly Place[] {
  const perNode = new Map<string, Pod[]>();
  for (const pod of observed.pods.filter((pod) => isControlledBy(pod, observed.daemonSet))) {
    const node = nodeOf(pod);
    if (node !== undefined) perNode.set(node, [...(perNode.get(node) ?? []), pod]);
  }
  return observed.nodes.map((node) => ({
    node: node.metadata.name,
    ...eligibilityOf(observed.daemonSet, node),
    pods: perNode.get(node.metadata.name) ?? [],
  }));
}

/** The one pod that stays on a node: the oldest that is neither finished nor ending; none where daemons may not stay. */
function keptPod(place: Place): Pod | undefined {
  if (!place.mayStay) return undefined;
  const age = (pod: Pod): number => Date.parse(pod.metadata.creationTimestamp ?? "") || 0;
  return place.pods
    .filter(isActive)
    .reduce<Pod | undefined>((oldest, pod) => (oldest === undefined || age(pod) < age(oldest) ? pod : oldest), undefined);
}

/** A pod that is ending still holds what its successor needs: ports, devices, sockets. */
function isLingering(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/**
 * Old pods to replace now. One that does not serve is replaced at once; serving ones as long as fewer nodes than
 * `maxUnavailable` are without service.
 */
function outdatedToDelete(observed: DaemonSetObserved, places: readonly Place[]): readonly Pod[] {
  const { daemonSet, revisionHash, now } = observed;
  const running = places.filter((place) => place.shouldRun);
  const maxUnavailable = scaledCount(daemonSet.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, running.length, "up");
  const broken: Pod[] = [];
  const serving: Pod[] = [];
  let unavailable = 0;
  for (const place of running) {
    const pod = keptPod(place);
    const serves = pod !== undefined && isAvailable(pod, daemonSet.spec.minReadySeconds ?? 0, now);
    if (!serves) unavailable++;
    if (pod === undefined || revisionHashOf(pod) === revisionHash) continue;
    (serves ? serving : broken).push(pod);
  }
  return [...broken, ...serving.slice(0, Math.max(0, maxUnavailable - unavailable))];
}

function statusOf(observed: DaemonSetObserved, places: readonly Place[]): Pick<DaemonSetPlan, "status" | "afterMs"> {
  const { daemonSet, revisionHash, now } = observed;
  const { generation } = daemonSet.metadata;
  const count = { current: 0, misscheduled: 0, desired: 0, ready: 0, available: 0, updated: 0 };
  let afterMs: number | undefined;
  for (const place of places) {
    const pod = keptPod({ ...place, mayStay: true });
    if (!place.shouldRun) {
      if (pod !== undefined) count.misscheduled++;
      continue;
    }
    count.desired++;
    if (pod === undefined) continue;
    count.current++;
    if (isReady(pod)) count.ready++;
    if (revisionHashOf(pod) === revisionHash) count.updated++;
    const waitMs = availableInMs(pod, daemonSet.spec.minReadySeconds ?? 0, now);
    if (waitMs === 0) count.available++;
    else if (waitMs !== undefined) afterMs = Math.min(afterMs ?? waitMs, waitMs);
  }
  const status: DaemonSetStatus = {
    currentNumberScheduled: count.current,
    desiredNumberScheduled: count.desired,
    numberMisscheduled: count.misscheduled,
    numberReady: count.ready,
    numberAvailable: count.available,
    numberUnavailable: count.desired - count.available,
    updatedNumberScheduled: count.updated,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(daemonSet.status?.collisionCount === undefined ? {} : { collisionCount: daemonSet.status.collisionCount }),
  };
  return afterMs === undefined ? { status } : { status, afterMs };
}
