import { mostToAsk, type CapacityScope, type RefusedScope } from "./capacity.ts";
import type { NodeFacts } from "./node-facts.ts";
import type { GrowReason, PoolPlan } from "./pool-plan.ts";
import type { BlockKind, EniView, PoolView } from "./pool-view.ts";
import type { Millis } from "./reservation.ts";
import type { PoolSettings } from "./settings.ts";
import { slotsPerEni } from "./warm-targets.ts";

/** What growth needs: slots to fill, and why. */
export interface Growth {
  /** What they are filled with. */
  readonly of: BlockKind;
  readonly slots: number;
  readonly why: GrowReason;
}

/** The step that fills slots of an ENI at hand, the one with fewest left first; `undefined` when none has room in a willing subnet. */
export function planFill(pool: PoolView, growth: Growth, node: NodeFacts, now: Millis): PoolPlan | undefined {
  const { of } = growth;
  let best: EniView | undefined;
  for (const eni of pool.enis) {
    if (!hasRoom(eni, node) || mostToAsk(pool.capacity, eni.subnetId, of, now) === 0) continue;
    if (best === undefined || eni.slotsUsed > best.slotsUsed) best = eni;
  }
  if (best === undefined) return undefined;
  const count = Math.min(slotsPerEni(node) - best.slotsUsed, growth.slots, mostToAsk(pool.capacity, best.subnetId, of, now));
  return { kind: of === "prefix" ? "assign-prefixes" : "assign-addresses", eni: best.id, count, why: growth.why };
}

/** The step that adds an ENI; `undefined` when the type, MAX_ENI or the subnets allow none. */
export function planNewEni(pool: PoolView, growth: Growth, settings: PoolSettings, node: NodeFacts, now: Millis): PoolPlan | undefined {
  if (!fitsAnotherEni(pool, settings, node)) return undefined;
  const count = Math.min(slotsPerEni(node), growth.slots, mostForNewEni(pool, node, growth.of, now));
  if (count === 0) return undefined;
  return { kind: "create-eni", carry: { kind: growth.of === "prefix" ? "prefixes" : "addresses", count }, why: growth.why };
}

/** Why the pool cannot grow now, when it should. */
export function whyNoGrowth(pool: PoolView, settings: PoolSettings, node: NodeFacts, now: Millis): PoolPlan {
  const [first, ...more] = backingOff(pool, { settings, node }, (eni) => hasRoom(eni, node), now);
  if (first === undefined)
    return { kind: "idle", why: "instance-full", ...(pool.nextFreeAt === undefined ? {} : { recheckAt: pool.nextFreeAt }) };
  const soonest = more.reduce((a: RefusedScope, b) => (b.until < a.until ? b : a), first);
  return { kind: "idle", why: soonest.why, recheckAt: soonest.until };
}

/** The refusals in force where new ENIs would be made, and where the ENIs are that `counts` names. */
export function backingOff(
  pool: PoolView,
  { settings, node }: { readonly settings: PoolSettings; readonly node: NodeFacts },
  counts: (eni: EniView) => boolean,
  now: Millis,
): readonly RefusedScope[] {
  const scopes = new Set<CapacityScope>();
  for (const eni of pool.enis) if (counts(eni)) scopes.add(eni.subnetId);
  if (fitsAnotherEni(pool, settings, node)) for (const scope of ["new-eni" as const, ...(node.newEniSubnets ?? [])]) scopes.add(scope);
  return pool.capacity.filter((entry) => scopes.has(entry.scope) && entry.until > now);
}

/** Slots that are not filled, on ENIs that take pods. */
export function emptySlots(pool: PoolView, node: NodeFacts): number {
  return pool.enis.reduce((sum, eni) => (hasRoom(eni, node) ? sum + slotsPerEni(node) - eni.slotsUsed : sum), 0);
}

function hasRoom(eni: EniView, node: NodeFacts): boolean {
  return eni.takesPods && !eni.isLeaving && eni.slotsUsed < slotsPerEni(node);
}

function fitsAnotherEni(pool: PoolView, settings: PoolSettings, node: NodeFacts): boolean {
  const limit = Math.min(node.maxEnis, settings.maxEni ?? node.maxEnis);
  return pool.enis.length + node.reservedEnis < limit && slotsPerEni(node) > 0;
}

/** The most a new ENI may carry: what creation allows, and the best of the subnets it may be made in. */
function mostForNewEni(pool: PoolView, node: NodeFacts, of: BlockKind, now: Millis): number {
  const own = mostToAsk(pool.capacity, "new-eni", of, now);
  if (node.newEniSubnets === undefined) return own;
  return Math.min(own, Math.max(0, ...node.newEniSubnets.map((subnet) => mostToAsk(pool.capacity, subnet, of, now))));
}
