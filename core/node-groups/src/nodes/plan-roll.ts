import type { Drain, Millis, Nodegroup, UpdateConfig } from "../nodegroup.ts";
import type { NodeAction, NodeView } from "./node-view.ts";
import { isCurrent, known, planLeaving, type NodePlan } from "./plan-steady.ts";

/** How long pods may keep a node from being replaced (AWS: "Understand each phase of node updates"). */
export const EVICTION_TIMEOUT_MS = 15 * 60_000;

/** Nodes that may be away at a time: at least one. */
export function unavailableMax({ maxUnavailable, maxUnavailablePercentage }: UpdateConfig, desiredSize: number): number {
  if (maxUnavailablePercentage !== undefined) return Math.max(1, Math.floor((desiredSize * maxUnavailablePercentage) / 100));
  return Math.max(1, maxUnavailable ?? 1);
}

export interface RollPlan extends NodePlan {
  /** Every node is of the new launch, and as many are ready as the group shall have. */
  readonly isDone: boolean;
  /** Nodes whose pods have not let go in time. */
  readonly stuck: readonly NodeView[];
}

/**
 * Replaces the nodes of another launch: as many new ones as may be away are launched first, and an old one is drained and ended for each that
 * is ready, so that the group never has fewer ready nodes than it shall have. `MINIMAL` ends old nodes first.
 */
export function planRoll(
  group: Nodegroup,
  nodes: readonly NodeView[],
  { now, isForced }: { readonly now: Millis; readonly isForced: boolean },
): RollPlan {
  const wanted = group.scaling.desiredSize;
  const allowed = unavailableMax(group.updateConfig, wanted);
  const isMinimal = group.updateConfig.updateStrategy === "MINIMAL";
  const draining: Record<string, Drain> = { ...known(group, nodes) };
  const isLeaving = ({ instanceId }: NodeView): boolean => Object.hasOwn(draining, instanceId);
  const staying = nodes.filter((node) => !isLeaving(node));
  const fresh = staying.filter((node) => isCurrent(group, node));
  const stale = staying.filter((node) => !isCurrent(group, node));
  const ready = staying.filter(({ isReady }) => isReady).length;
  const room = Math.max(0, allowed - Object.keys(draining).length);
  for (const { instanceId } of nextToDrain(stale, { room, spare: ready - (isMinimal ? wanted - allowed : wanted) })) {
    draining[instanceId] = { since: now, why: "replaced" };
  }
  const missing = Math.min(wanted - fresh.length, wanted + (isMinimal ? 0 : allowed) - nodes.length);
  const launch: readonly NodeAction[] = missing > 0 ? [{ kind: "launch", count: missing }] : [];
  const leaving = planLeaving(draining, nodes, now).map((action) => (action.kind === "drain" ? { ...action, isForced } : action));
  const isStuck = (node: NodeView): boolean =>
    now - (draining[node.instanceId]?.since ?? now) >= EVICTION_TIMEOUT_MS && node.podsToMove > 0;
  const isDone = stale.length === 0 && Object.keys(draining).length === 0 && fresh.filter(({ isReady }) => isReady).length >= wanted;
  return { actions: [...launch, ...leaving], draining, isDone, stuck: nodes.filter(isStuck) };
}

/** Nodes that are not ready go first: nobody misses them. Ready ones go as far as others stand in for them. */
function nextToDrain(stale: readonly NodeView[], { room, spare }: { readonly room: number; readonly spare: number }): readonly NodeView[] {
  const broken = stale.filter(({ isReady }) => !isReady);
  const sound = stale
    .filter(({ isReady }) => isReady)
    .sort((a, b) => a.launchedAt - b.launchedAt || (a.instanceId < b.instanceId ? -1 : 1));
  return [...broken, ...sound.slice(0, Math.max(0, spare))].slice(0, room);
}
