import type { NodeFacts } from "./node-facts.ts";
import { backingOff, emptySlots, planFill, planNewEni, whyNoGrowth, type Growth } from "./plan-growth.ts";
import { isDeletable, isNeededForSlots, isUnused, planCleanup, unassign } from "./plan-shrink.ts";
import type { PoolPlan } from "./pool-plan.ts";
import type { EniView, PoolView } from "./pool-view.ts";
import type { RefusedScope } from "./capacity.ts";
import type { Millis } from "./reservation.ts";
import type { PoolSettings } from "./settings.ts";
import { missing, type Targets } from "./warm-targets.ts";

/** Whether this is a pool of prefixes that asks for none now, because EC2 had no free /28 where they would go. */
export function isWithoutPrefixes(pool: PoolView, settings: PoolSettings, node: NodeFacts, now: Millis): boolean {
  return pool.kind === "prefix" && refusedPrefixes(pool, { settings, node }, now).length > 0;
}

/** Full ENIs count: what stands in for prefixes on them must not go while their subnet has none. */
function refusedPrefixes(pool: PoolView, wanted: Pick<Wanted, "settings" | "node">, now: Millis): readonly RefusedScope[] {
  return backingOff(pool, wanted, (eni) => eni.takesPods && !eni.isLeaving, now).filter((entry) => entry.of === "prefix");
}

/** What single addresses are planned by, and the prefixes they stand in for. */
export interface Wanted {
  readonly settings: PoolSettings;
  readonly targets: Targets;
  readonly node: NodeFacts;
  readonly prefixes: Growth;
}

/**
 * The next step while prefixes are refused: the same targets, met with single addresses, on the ENIs at hand first. One slot stays empty for
 * the prefix that is asked for when the back-off ends, unless pods wait: an ENI for single addresses would be slower to come, and takes one more
 * address than the subnet may have. Once prefixes meet the targets, unused single addresses go back as leftovers of the other mode.
 */
export function planSingles(pool: PoolView, wanted: Wanted, now: Millis): PoolPlan {
  const { settings, targets, node } = wanted;
  const vacated = planCleanup(pool, now, true);
  const short = missing(bothKinds(pool), pool.waiting, targets);
  if (short.addresses === 0) return vacated ?? planSurplus(pool, wanted, now) ?? idle(pool, wanted, now, "subnet-fragmented");
  const slots = Math.min(short.addresses, Math.max(roomForSingles(pool, node), pool.waiting - bothKinds(pool).free));
  if (slots <= 0) return vacated ?? planSurplus(pool, wanted, now) ?? idle(pool, wanted, now, "max-pods-reached");
  const singles: Growth = { of: "address", slots, why: short.why };
  const spare = Math.min(slots, emptySlots(pool, node) - 1);
  return (
    (spare > 0 ? planFill(pool, { ...singles, slots: spare }, node, now) : undefined) ??
    vacated ??
    planNewEni(pool, wanted.prefixes, settings, node, now) ??
    (short.why === "pods-waiting" ? planFill(pool, singles, node, now) : undefined) ??
    planNewEni(pool, singles, settings, node, now) ??
    whyNoGrowth(pool, settings, node, now)
  );
}

/** Hands back single addresses, or an ENI, that nobody needed for a while. */
function planSurplus(pool: PoolView, { targets, node }: Wanted, now: Millis): PoolPlan | undefined {
  const steady = Math.min(pool.freeFloor, pool.current.free) + Math.min(pool.leftoverFloor, pool.leftover.free) - pool.waiting;
  const overTargets = Math.min(steady - targets.free, bothKinds(pool).held - targets.held);
  const surplus = Math.max(overTargets, Math.min(steady, -roomForSingles(pool, node)));
  if (surplus < 0) return undefined;
  for (const eni of pool.enis.toReversed()) {
    if (!eni.takesPods || !isDeletable(eni, now) || isNeededForSlots(eni, pool, targets, node)) continue;
    if (eni.blocks.reduce((sum, block) => sum + block.free, 0) <= surplus) return { kind: "release-eni", eni: eni.id, why: "not-needed" };
  }
  const unused = pool.enis.toSorted((a, b) => a.assigned - b.assigned).map((eni) => ({ eni: eni.id, blocks: unusedSingles(eni, pool) }));
  const found = unused.find(({ blocks }) => blocks.length > 0);
  if (found === undefined || surplus === 0) return undefined;
  return unassign(found.eni, found.blocks.slice(0, surplus), overTargets >= surplus ? "above-warm-target" : "above-max-pods");
}

function unusedSingles(eni: EniView, pool: PoolView): EniView["blocks"] {
  return eni.blocks.filter((block) => block.kind !== pool.kind && block.isOpen && isUnused(block));
}

/** Enough for now; the next prefix is asked for when the first back-off ends, and a surplus is looked at when it may have lasted. */
function idle(pool: PoolView, wanted: Wanted, now: Millis, why: "subnet-fragmented" | "max-pods-reached"): PoolPlan {
  const retries = refusedPrefixes(pool, wanted, now).map((entry) => entry.until);
  const afterRest = bothKinds(pool).free + bothKinds(pool).cooling - pool.waiting;
  const rests = afterRest > wanted.targets.free ? [pool.floorChangesAt, pool.nextFreeAt ?? 0] : [];
  return { kind: "idle", why, recheckAt: Math.min(...[...retries, ...rests].filter((at) => at > now)) };
}

/** Addresses that pods can still use before max pods is reached, both kinds together; see `roomBelowMaxPods`. */
function roomForSingles(pool: PoolView, node: NodeFacts): number {
  const { held, cooling } = bothKinds(pool);
  return node.maxPods - (held - cooling);
}

function bothKinds({ current, leftover }: PoolView): { readonly held: number; readonly cooling: number; readonly free: number } {
  return { held: current.held + leftover.held, cooling: current.cooling + leftover.cooling, free: current.free + leftover.free };
}
