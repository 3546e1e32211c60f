import { conditionOf, isReady } from "../objects/index.ts";
import type { Pod } from "../objects/index.ts";

/** An operator's word on which pods to lose first: lower goes first. */
const COST = "controller.kubernetes.io/pod-deletion-cost";

/**
 * Pods in the order in which they are given up: unassigned, then pending, then not ready; among running ones the lower
 * deletion cost, the fuller node, the shorter ready, the more restarted, the younger.
 */
export function deletionOrder(pods: readonly Pod[]): readonly Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of pods) if (spec.nodeName !== undefined) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1);
  const ranks = new Map(pods.map((pod) => [pod, rankOf(pod, perNode)]));
  return [...pods].sort((a, b) => compareRanks(ranks.get(a) ?? [], ranks.get(b) ?? []));
}

/** Compared left to right; the lower rank goes first. */
function rankOf(pod: Pod, perNode: ReadonlyMap<string, number>): readonly number[] {
  const readySince = isReady(pod) ? Date.parse(conditionOf(pod.status?.conditions, "Ready")?.lastTransitionTime ?? "") || 0 : 0;
  const restarts = Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount ?? 0));
  return [
    pod.spec.nodeName === undefined ? 0 : 1,
    phaseRank(pod.status?.phase),
    isReady(pod) ? 1 : 0,
    Number(pod.metadata.annotations?.[COST] ?? 0) || 0,
    -(perNode.get(pod.spec.nodeName ?? "") ?? 0),
    -readySince,
    -restarts,
    -(Date.parse(pod.metadata.creationTimestamp ?? "") || 0),
  ];
}

function phaseRank(phase: string | undefined): number {
  if (phase === "Running") return 2;
  return phase === "Unknown" ? 1 : 0;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
