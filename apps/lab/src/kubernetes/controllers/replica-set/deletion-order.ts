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
  const { metadata, spec, status } = pod;
  const restarts = (status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount);
  return [
    spec.nodeName === undefined ? 0 : 1,
    phaseRank(status?.phase),
    isReady(pod) ? 1 : 0,
    numberOr0(metadata.annotations?.[COST]),
    -(perNode.get(spec.nodeName ?? "") ?? 0),
    -readySince(pod),
    -Math.max(0, ...restarts),
    -numberOr0(Date.parse(metadata.creationTimestamp ?? "")),
  ];
}

/** 0 for a pod that is not ready. */
function readySince(pod: Pod): number {
  const ready = conditionOf(pod.status?.conditions, "Ready");
  return ready?.status === "True" ? numberOr0(Date.parse(ready.lastTransitionTime ?? "")) : 0;
}

function numberOr0(value: string | number | undefined): number {
  return Number(value ?? 0) || 0;
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
