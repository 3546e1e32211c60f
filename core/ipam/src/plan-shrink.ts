import type { EniId } from "@slash28/address";
import type { NodeFacts } from "./node-facts.ts";
import type { PoolPlan, ShrinkReason } from "./pool-plan.ts";
import type { BlockView, EniView, PoolView } from "./pool-view.ts";
import type { Millis } from "./reservation.ts";
import type { PoolSettings } from "./settings.ts";
import { emptySlots } from "./plan-growth.ts";
import { blockSize, roomBelowMaxPods, slotsPerEni, type Targets } from "./warm-targets.ts";

/** An ENI younger than this is kept, as upstream does: its pods may be on their way. */
export const YOUNG_ENI_MS = 60_000;

/**
 * Hands back what can never serve a pod again: unused blocks of the other mode, and whatever sits on ENIs that take no pods. Blocks of the
 * other mode stay where they are of use, with `keepsOtherMode`.
 */
export function planCleanup(pool: PoolView, now: Millis, keepsOtherMode = false): PoolPlan | undefined {
  for (const eni of pool.enis) {
    if (eni.isLeaving) continue;
    if (!eni.takesPods && isDeletable(eni, now)) return { kind: "release-eni", eni: eni.id, why: "eni-takes-no-pods" };
    // What could go is free, and counted.
    if (eni.takesPods && (keepsOtherMode || pool.leftover.free === 0)) continue;
    const isLeftover = (block: BlockView): boolean => block.kind !== pool.kind && !keepsOtherMode;
    const unused = eni.blocks.filter((block) => isUnused(block) && !block.isLeaving && (!eni.takesPods || isLeftover(block)));
    const why = eni.takesPods ? "other-mode" : "eni-takes-no-pods";
    if (unused.length > 0) return unassign(eni.id, unused, why);
  }
  return undefined;
}

/** Detaches an ENI without pods that the targets do not need; the one attached last first. */
export function planReleaseEni(pool: PoolView, targets: Targets, node: NodeFacts, now: Millis): PoolPlan | undefined {
  const spareFree = steadyFree(pool) - targets.free;
  const spareHeld = pool.current.held - targets.held;
  for (let at = pool.enis.length - 1; at >= 0; at--) {
    const eni = pool.enis[at];
    if (eni === undefined || !eni.takesPods || !isDeletable(eni, now)) continue;
    const own = ownFree(eni, pool);
    if (isNeededForSlots(eni, pool, targets, node)) continue;
    if (own <= spareFree && own <= spareHeld) return { kind: "release-eni", eni: eni.id, why: "not-needed" };
  }
  return undefined;
}

/** Hands back free blocks above the targets, or above what max pods can use; from the ENI with fewest pods. */
export function planUnassign(pool: PoolView, settings: PoolSettings, targets: Targets, node: NodeFacts): PoolPlan | undefined {
  const surplus = surplusOf(pool, settings, targets, node, steadyFree(pool));
  if (surplus === undefined) return undefined;
  const eni = emptiestWithUnused(pool);
  if (eni === undefined) return undefined;
  const unused = unusedOf(eni, pool).sort((a, b) => b.cidr.base - a.cidr.base);
  return unassign(eni.id, unused.slice(0, surplus.blocks), surplus.why);
}

/** When to look again at a surplus that was needed a moment ago or rests; `undefined` when there is none. */
export function restingSurplus(pool: PoolView, settings: PoolSettings, targets: Targets, node: NodeFacts, now: Millis): Millis | undefined {
  const afterRest = pool.current.free + pool.current.cooling - pool.waiting;
  const isOver = surplusOf(pool, settings, targets, node, afterRest) !== undefined;
  const emptyEni = pool.enis.find(
    (eni) =>
      !eni.isPrimary && eni.role === "interface" && !eni.isLeaving && eni.assigned === 0 && !isNeededForSlots(eni, pool, targets, node),
  );
  const isEniOver = emptyEni !== undefined && ownFree(emptyEni, pool) + emptyEni.cooling <= afterRest - targets.free;
  if (!isOver && !isEniOver) return undefined;
  return earlier(
    earlier(later(pool.floorChangesAt, now), later(pool.nextFreeAt, now)),
    isEniOver ? later(emptyEni.addedAt + YOUNG_ENI_MS, now) : undefined,
  );
}

function later(at: Millis | undefined, now: Millis): Millis | undefined {
  return at !== undefined && at > now ? at : undefined;
}

function earlier(a: Millis | undefined, b: Millis | undefined): Millis | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

interface Surplus {
  readonly blocks: number;
  readonly why: ShrinkReason;
}

/** Whole blocks that may go with `free` addresses to dispose of. WARM_ENI_TARGET gives back whole ENIs only, as upstream does. */
function surplusOf(pool: PoolView, settings: PoolSettings, targets: Targets, node: NodeFacts, free: number): Surplus | undefined {
  const size = blockSize(pool);
  const byEniOnly =
    pool.forecast === undefined && pool.kind === "address" && settings.warmIpTarget === undefined && settings.minimumIpTarget === undefined;
  const overTargets = byEniOnly ? 0 : Math.floor(Math.min(free - targets.free, pool.current.held - targets.held) / size);
  const overMaxPods = Math.floor(Math.min(free, -roomBelowMaxPods(pool, node)) / size);
  const over = Math.max(overTargets, overMaxPods);
  // Most plans end here, without a look at every block.
  if (over <= 0) return undefined;
  const unused = pool.enis.reduce((sum, eni) => sum + unusedOf(eni, pool).length, 0);
  const blocks = Math.min(unused, over);
  if (blocks === 0) return undefined;
  return { blocks, why: overTargets >= overMaxPods ? "above-warm-target" : "above-max-pods" };
}

/** Free addresses that nobody needed for a while and nobody waits for. */
function steadyFree(pool: PoolView): number {
  return Math.min(pool.freeFloor, pool.current.free) - pool.waiting;
}

export function isUnused(block: BlockView): boolean {
  return block.assigned === 0 && block.cooling === 0;
}

function unusedOf(eni: EniView, pool: PoolView): BlockView[] {
  return eni.blocks.filter((block) => block.kind === pool.kind && block.isOpen && isUnused(block));
}

function ownFree(eni: EniView, pool: PoolView): number {
  return eni.blocks.reduce((sum, block) => (block.kind === pool.kind ? sum + block.free : sum), 0);
}

export function isDeletable(eni: EniView, now: Millis): boolean {
  const isIdle = eni.assigned === 0 && eni.cooling === 0 && !eni.isLeaving;
  return isIdle && !eni.isPrimary && eni.role === "interface" && now - eni.addedAt >= YOUNG_ENI_MS;
}

/** Whether the slots that are to stay empty would be too few without an ENI. */
export function isNeededForSlots(eni: EniView, pool: PoolView, targets: Targets, node: NodeFacts): boolean {
  if (targets.emptySlots === undefined) return false;
  return emptySlots(pool, node) - (slotsPerEni(node) - eni.slotsUsed) < targets.emptySlots;
}

function emptiestWithUnused(pool: PoolView): EniView | undefined {
  let best: EniView | undefined;
  for (const eni of pool.enis) {
    if (unusedOf(eni, pool).length > 0 && (best === undefined || eni.assigned <= best.assigned)) best = eni;
  }
  return best;
}

export function unassign(eni: EniId, blocks: readonly BlockView[], why: ShrinkReason): PoolPlan {
  return {
    kind: "unassign",
    eni,
    addresses: blocks.filter((block) => block.kind === "address").map((block) => block.cidr.base),
    prefixes: blocks.filter((block) => block.kind === "prefix").map((block) => block.cidr),
    why,
  };
}
