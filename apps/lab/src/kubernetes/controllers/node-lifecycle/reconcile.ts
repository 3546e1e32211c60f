import type { Millis } from "@slash28/ports";
import { NODE_TAINTS } from "../../node-taints.ts";
import { conditionOf, sameJson, timeText, withCondition } from "../objects/index.ts";
import type { Condition, Lease, Node, Taint } from "../objects/index.ts";

/** How long a kubelet may be silent before its node counts as lost; upstream's grace period. */
const GRACE_MS = 50_000;

/** Taints this controller sets and takes away; all others are left alone. */
const OWN_TAINTS = new Set<string>(Object.values(NODE_TAINTS));
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

/** Conditions and taints that follow from a node's state. Taints keep new pods away, and end the ones that run when their patience is over. */
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
  const time = timeText(now);
  const unknown = { status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
  return KUBELET_CONDITIONS.reduce<readonly Condition[]>((all, type) => {
    if (type !== "Ready" && conditionOf(all, type) === undefined) return all;
    return withCondition(all, { ...conditionOf(all, type), type, ...unknown }, time);
  }, conditions);
}

function taintsOf(node: Node, conditions: readonly Condition[], now: Millis): readonly Taint[] {
  const ready = conditionOf(conditions, "Ready")?.status;
  const trouble = ready === "Unknown" ? [NODE_TAINTS.unreachable] : ready === "True" ? [] : [NODE_TAINTS.notReady];
  const wanted: readonly Taint[] = [
    ...trouble.flatMap((key) => ["NoSchedule", "NoExecute"].map((effect) => ({ key, effect }))),
    ...(node.spec?.unschedulable === true ? [{ key: NODE_TAINTS.unschedulable, effect: "NoSchedule" }] : []),
  ];
  const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const before = node.spec?.taints ?? [];
  // An operator may give a node a taint of the same name that keeps more away: that one is not ours.
  const isOurs = ({ key, effect }: Taint): boolean => OWN_TAINTS.has(key) && (effect === "NoSchedule" || key !== NODE_TAINTS.unschedulable);
  const kept = before.filter((taint) => !isOurs(taint) || wanted.some((one) => isSame(one, taint)));
  const added = wanted.filter((one) => !kept.some((taint) => isSame(taint, one)));
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: timeText(now) }))];
}
