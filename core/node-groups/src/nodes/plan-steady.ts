import type { Drain, Millis, Nodegroup } from "../nodegroup.ts";
import type { NodeAction, NodeView } from "./node-view.ts";

/** How long a node that is taken away for good may keep pods whose budget does not let them go. EKS gives "a few minutes". */
export const LEAVE_TIMEOUT_MS = 120_000;

export interface NodePlan {
  readonly actions: readonly NodeAction[];
  readonly draining: Nodegroup["draining"];
}

export function isCurrent(group: Nodegroup, node: NodeView): boolean {
  return group.launch?.current.includes(node.launchVersion) ?? false;
}

/** Keeps a group at its size: launches what lacks, takes away what is too much, replaces what cannot work. */
export function planSteady(group: Nodegroup, nodes: readonly NodeView[], now: Millis): NodePlan {
  const wanted = group.scaling.desiredSize;
  const staying = nodes.filter(({ instanceId }) => !Object.hasOwn(group.draining, instanceId));
  const surplus = leavers(group, staying, staying.length - wanted);
  const draining: Record<string, Drain> = { ...known(group, nodes) };
  for (const { instanceId } of surplus) draining[instanceId] = { since: now, why: "surplus" };
  const missing = wanted - (staying.length - surplus.length);
  const launch: readonly NodeAction[] = missing > 0 ? [{ kind: "launch", count: missing }] : [];
  const leaving = planLeaving(draining, nodes, now);
  return { actions: [...launch, ...leaving], draining };
}

/** Everything goes. */
export function planDelete(group: Nodegroup, nodes: readonly NodeView[], now: Millis): NodePlan {
  const draining: Record<string, Drain> = {};
  for (const { instanceId } of nodes) draining[instanceId] = group.draining[instanceId] ?? { since: now, why: "deleted" };
  return { actions: planLeaving(draining, nodes, now), draining };
}

/** Drains what still has pods, ends what has none or has had its time. */
export function planLeaving(draining: Nodegroup["draining"], nodes: readonly NodeView[], now: Millis): readonly NodeAction[] {
  return nodes.flatMap((node): readonly NodeAction[] => {
    const drain = Object.hasOwn(draining, node.instanceId) ? draining[node.instanceId] : undefined;
    if (drain === undefined) return [];
    const isEmpty = node.podsToMove === 0 && (node.isCordoned || node.nodeName === undefined);
    const isOverdue = drain.why !== "replaced" && now - drain.since >= LEAVE_TIMEOUT_MS;
    if (isEmpty || isOverdue) return [{ kind: "terminate", instanceId: node.instanceId }];
    return [{ kind: "drain", instanceId: node.instanceId, isForced: false }];
  });
}

/** Drains of nodes that are still there. */
export function known(group: Nodegroup, nodes: readonly NodeView[]): Nodegroup["draining"] {
  return Object.fromEntries(
    nodes.flatMap(({ instanceId }) => {
      const drain = Object.hasOwn(group.draining, instanceId) ? group.draining[instanceId] : undefined;
      return drain === undefined ? [] : [[instanceId, drain]];
    }),
  );
}

/**
 * Who goes first: nodes of a launch that did not come about and cannot join, whatever their number; then, up to `count`, those of
 * another launch, those not ready, those of the zone with the most nodes, the oldest.
 */
function leavers(group: Nodegroup, staying: readonly NodeView[], count: number): readonly NodeView[] {
  const hopeless = staying.filter((node) => !isCurrent(group, node) && node.problems.length > 0);
  const left = staying.filter((node) => !hopeless.includes(node));
  const chosen = [...hopeless];
  while (chosen.length < count && left.length > 0) {
    const perZone = new Map<string, number>();
    for (const { zone } of left) perZone.set(zone, (perZone.get(zone) ?? 0) + 1);
    const rank = (node: NodeView): readonly number[] => [
      isCurrent(group, node) ? 1 : 0,
      node.isReady ? 1 : 0,
      -(perZone.get(node.zone) ?? 0),
      node.launchedAt,
    ];
    left.sort((a, b) => compare(rank(a), rank(b)) || (a.instanceId < b.instanceId ? -1 : 1));
    const [first] = left.splice(0, 1);
    if (first !== undefined) chosen.push(first);
  }
  return chosen;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
