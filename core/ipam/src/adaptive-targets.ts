import type { DemandForecast } from "./demand-memory.ts";
import type { NodeFacts } from "./node-facts.ts";
import { emptySlots } from "./plan-growth.ts";
import type { PoolView } from "./pool-view.ts";
import type { Millis } from "./reservation.ts";
import { blockSize, type Targets } from "./warm-targets.ts";

/** Addresses of a node without pods. */
const LEAST_HELD = 1;

/** Why the targets are what they are. */
export type ForecastReason =
  /** Too little is known of the node: the static targets. */
  | "learning"
  /** A pod had to wait although no more may: the static targets, for a while. */
  | "surprised"
  /** What is enough in the node's situation, but for the few pods that may wait. */
  | "enough-for-now"
  /** The same, and a burst is due. */
  | "burst-due"
  /** No more than were in use at the busiest time of the last day. */
  | "peak-of-the-day"
  /** As many as the static targets ask for at most. */
  | "static-target";

export interface AdaptiveTargets extends Targets {
  readonly because: ForecastReason;
}

/**
 * The targets that a node's own demand asks for: never more than the static ones, and they themselves where nothing is known or more pods waited than
 * may. Free addresses are for what comes while more are got, which takes longer when that needs an ENI.
 */
export function adaptiveTargets(pool: PoolView, forecast: DemandForecast, fixed: Targets, node: NodeFacts, now: Millis): AdaptiveTargets {
  if (forecast.state === "surprised") return { ...fixed, because: "surprised" };
  if (forecast.state === "learning") return { ...learningTargets(pool, fixed, node), because: "learning" };
  const { assign, attach } = forecast.enough;
  const { dueBurst, enoughAttachMost, peakUsed } = forecast;
  const size = blockSize(pool);
  const isNearFull = emptySlots(pool, node) * size < attach;
  const wanted = Math.max(isNearFull ? attach : 0, assign);
  const used = pool.current.held - pool.current.free;
  // Above the peak of the day all bets are off: what comes at once is all that is known.
  const belowPeak = used > peakUsed ? wanted : Math.max(1, peakUsed - used);
  const most = Math.max(fixed.free, fixed.held - used, 0);
  const free = Math.min(wanted, belowPeak, most);
  const isDue = dueBurst !== undefined && now >= dueBurst.from;
  const because =
    most < Math.min(wanted, belowPeak) ? "static-target" : belowPeak < wanted ? "peak-of-the-day" : isDue ? "burst-due" : "enough-for-now";
  // An ENI that the next peak would need stays: to attach it again takes a dozen EC2 calls, and longer than pods may wait.
  const addresses = enoughAttachMost + Math.max(0, peakUsed - pool.current.held);
  // A node without any address takes no pods, and would never learn that some wait.
  const held = Math.min(LEAST_HELD, fixed.free + fixed.held);
  return { free, held, step: 1, freeWhy: "below-forecast", emptySlots: Math.ceil(addresses / size), because };
}

/** The static targets as far as the ENIs at hand have slots for them, and half of them at least: for somebody whom nobody knows no ENI is attached for the rest. */
function learningTargets(pool: PoolView, fixed: Targets, node: NodeFacts): Targets {
  const atHand = pool.current.free + emptySlots(pool, node) * blockSize(pool);
  return { ...fixed, free: Math.min(fixed.free, Math.max(atHand, Math.ceil(fixed.free / 2))), step: 1 };
}
