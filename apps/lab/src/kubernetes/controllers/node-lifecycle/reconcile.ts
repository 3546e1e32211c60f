import type { Millis } from "@slash28/ports";
import { conditionOf, sameJson, withCondition } from "../objects/index.ts";
import type { Condition, Lease, Node, Taint } from "../objects/index.ts";

/** How long a kubelet may be silent before its node counts as lost; upstream's grace period. */
const GRACE_MS = 50_000;

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
/** Taints this controller sets and takes away; all others are left alone. */
const OWN_TAINTS = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE]);
/** Conditions nobody can vouch for once the kubelet is silent. */
const KUBELET_CONDITIONS = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

export interface NodeObserved {
  readonly node: Node;
  /** The kubelet's lease; a node without one is judged by its conditions alone. */
  readonly lease: Lease | undefined;
  readonly now: Millis;
}

export interface NodePlan {
  /** Absent: as they should be. */
  readonly taints?: readonly Taint[];
  readonly conditions?: readonly Condition[];
  /** When the lease runs out. */
  readonly afterMs?: number;
}

/** Conditions and taints that follow from a node's state. Taints keep new pods away; running ones stay. */
export function reconcileNode({ node, lease, now }: NodeObserved): NodePlan {
  const conditions = node.status?.conditions ?? [];
  const renewed = Date.parse(lease?.spec?.renewTime ?? "");
  const silentMs = Number.isNaN(renewed) ? 0 : now - renewed;
  const judged = silentMs > GRACE_MS ? unknownConditions(conditions, now) : conditions;
  const taints = taintsOf(node, judged, now);
  return {
    ...(sameJson(taints, node.spec?.taints ?? []) ? {} : { taints }),
    ...(sameJson(judged, conditions) ? {} : { conditions: judged }),
    ...(Number.isNaN(renewed) || silentMs > GRACE_MS ? {} : { afterMs: GRACE_MS - silentMs + 1 }),
  };
}

function unknownConditions(conditions: readonly Condition[], now: Millis): readonly Condition[] {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  const unknown = { status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
  return KUBELET_CONDITIONS.reduce<readonly Condition[]>((all, type) => {
    if (type !== "Ready" && conditionOf(all, type) === undefined) return all;
    return withCondition(all, { ...conditionOf(all, type), type, ...unknown }, time);
  }, conditions);
}

function taintsOf(node: Node, conditions: readonly Condition[], now: Millis): readonly Taint[] {
  const ready = conditionOf(conditions, "Ready")?.status;
  const wanted: string[] = [];
  if (ready === "Unknown") wanted.push(UNREACHABLE);
  else if (ready !== "True") wanted.push(NOT_READY);
  if (node.spec?.unschedulable === true) wanted.push(UNSCHEDULABLE);
  const before = node.spec?.taints ?? [];
  const isOurs = (taint: Taint): boolean => OWN_TAINTS.has(taint.key) && taint.effect === "NoSchedule";
  const kept = before.filter((taint) => !isOurs(taint) || wanted.includes(taint.key));
  const added = wanted.filter((key) => !kept.some((taint) => taint.key === key && taint.effect === "NoSchedule"));
  const timeAdded = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  return [...kept, ...added.map((key) => ({ key, effect: "NoSchedule", timeAdded }))];
}
