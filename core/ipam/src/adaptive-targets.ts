import type { DemandForecast } from "./demand-memory.ts";
import type { NodeFacts } from "./node-facts.ts";
import { emptySlots } from "./plan-growth.ts";
import type { PoolView } from "./pool-view.ts";
import type { Millis } from "./reservation.ts";
import { blockSize, type Targets } from "./warm-targets.ts";

/** A pool always keeps one address ahead of the next pod, whatever was forecast; so do the static targets of 0 ENIs or prefixes. */
const LEAST_FREE = 1;

/** Why the targets are what they are. */
export type ForecastReason =
  /** Too little is known of the node: the static targets. */
  | "learning"
  /** More pods came at once than was expected: the static targets, for a while. */
  | "surprised"
  /** As many as come at once, but for a few of a thousand. */
  | "pods-at-once"
  /** The next burst is not due yet: what comes between bursts. */
  | "between-bursts"
  /** No more than were in use at the busiest time of the last day. */
  | "peak-of-the-day"
  /** As many as the static targets ask for at most. */
  | "static-target";

export interface AdaptiveTargets extends Targets {
  readonly because: ForecastReason;
}

/**
 * The targets that a node's own demand asks for: never more than the static ones, and they themselves where nothing is known or what is known was
 * wrong a moment ago. Free addresses are for what comes while more are got, which takes longer when that needs an ENI.
 */
export function adaptiveTargets(pool: PoolView, forecast: DemandForecast, fixed: Targets, node: NodeFacts, now: Millis): AdaptiveTargets {
  if (forecast.state !== "known") return { ...fixed, because: forecast.state };
  const isBetween = forecast.nextBurst !== undefined && now < forecast.nextBurst.from;
  const { assign, attach } = isBetween ? forecast.betweenBursts : forecast.atOnce;
  const isNearFull = emptySlots(pool, node) * blockSize(pool) < attach;
  const wanted = Math.max(LEAST_FREE, isNearFull ? attach : 0, assign);
  const used = pool.current.held - pool.current.free;
  // Above the peak of the day all bets are off: what comes at once is all that is known.
  const belowPeak = used > forecast.peakUsed ? wanted : Math.max(LEAST_FREE, forecast.peakUsed - used);
  const most = Math.max(fixed.free, fixed.held - used, 0);
  const free = Math.min(wanted, belowPeak, most);
  const because =
    most < Math.min(wanted, belowPeak)
      ? "static-target"
      : belowPeak < wanted
        ? "peak-of-the-day"
        : isBetween
          ? "between-bursts"
          : "pods-at-once";
  return { free, held: 0, step: 1, freeWhy: "below-forecast", emptySlots: Math.ceil(attach / blockSize(pool)), because };
}
