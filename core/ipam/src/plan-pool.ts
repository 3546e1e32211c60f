import type { NodeFacts } from "./node-facts.ts";
import { planFill, planNewEni, whyNoGrowth } from "./plan-growth.ts";
import { isWithoutPrefixes, planSingles } from "./plan-singles.ts";
import { planCleanup, planReleaseEni, planUnassign, restingSurplus } from "./plan-shrink.ts";
import type { PoolPlan } from "./pool-plan.ts";
import type { PoolView } from "./pool-view.ts";
import type { Millis } from "./reservation.ts";
import type { PoolSettings } from "./settings.ts";
import { targetsOfPool } from "./targets-in-force.ts";
import { blockSize, roomBelowMaxPods, shortOf } from "./warm-targets.ts";

/**
 * The next step for a node's pool, with its reason. Growing comes first: into free slots, then by handing back unused blocks of the other mode
 * if that makes slots, then by another ENI. With nothing missing, what is not needed goes back. Carry the step out, tell the ledger, ask again;
 * after a bounded number of steps the answer is `idle`.
 *
 * It follows upstream's warm arithmetic except where that is a known pain:
 * - addresses in cooldown are not available, so a burst of short-lived pods makes the pool grow instead of starving the node;
 * - pods that wait count as demand, so MINIMUM_IP_TARGET without WARM_IP_TARGET grows past its minimum;
 * - no more is held than max pods can use, rounded up to whole prefixes;
 * - a surplus goes back only after nobody needed it for 15 to 30 s, longer where that was regretted before;
 * - a request that a subnet refuses is halved before the pool backs off;
 * - with SLASH28_WARM_POLICY=adaptive a node's own demand sets the targets, within those of the settings;
 * - while no subnet gives prefixes, single addresses stand in for them on the same ENI.
 */
export function planPool(pool: PoolView, settings: PoolSettings, node: NodeFacts, now: Millis): PoolPlan {
  if (pool.frozen !== undefined) return { kind: "idle", why: pool.frozen };
  const targets = targetsOfPool(pool, settings, node, now);
  const short = shortOf(pool, targets);
  const cleanup = planCleanup(pool, now);
  if (short.addresses === 0) {
    const shrink = cleanup ?? planReleaseEni(pool, targets, node, now) ?? planUnassign(pool, settings, targets, node);
    return shrink ?? idleWithEnough(restingSurplus(pool, settings, targets, node, now), pool.forecast?.changesAt);
  }
  // A pod that waits was admitted by kubelet: max pods is no reason to refuse it.
  const room = Math.max(roomBelowMaxPods(pool, node), pool.waiting - pool.current.free);
  if (room <= 0) return cleanup ?? planUnassign(pool, settings, targets, node) ?? { kind: "idle", why: "max-pods-reached" };
  const growth = { of: pool.kind, slots: Math.ceil(Math.min(short.addresses, room) / blockSize(pool)), why: short.why };
  const fill = planFill(pool, growth, node, now);
  if (fill !== undefined) return fill;
  if (isWithoutPrefixes(pool, settings, node, now)) return planSingles(pool, { settings, targets, node, prefixes: growth }, now);
  return cleanup ?? planNewEni(pool, growth, settings, node, now) ?? whyNoGrowth(pool, settings, node, now);
}

function idleWithEnough(surplusAt: Millis | undefined, forecastAt: Millis | undefined): PoolPlan {
  const why = surplusAt === undefined ? "at-target" : "surplus-resting";
  const recheckAt = surplusAt === undefined || (forecastAt !== undefined && forecastAt < surplusAt) ? forecastAt : surplusAt;
  return recheckAt === undefined ? { kind: "idle", why } : { kind: "idle", why, recheckAt };
}
