import { adaptiveTargets, type ForecastReason } from "./adaptive-targets.ts";
import type { NodeFacts } from "./node-facts.ts";
import type { PoolView } from "./pool-view.ts";
import type { Millis } from "./reservation.ts";
import type { PoolSettings } from "./settings.ts";
import { targetsOf, type Targets } from "./warm-targets.ts";

/** What the pool is kept at, and why: `static` without a forecast. */
export interface TargetsInForce extends Targets {
  readonly because: "static" | ForecastReason;
}

/** The settings' targets, or what a node's own demand makes of them. */
export function targetsOfPool(pool: PoolView, settings: PoolSettings, node: NodeFacts, now: Millis): Targets {
  const fixed = targetsOf(pool, settings, node);
  return pool.forecast === undefined ? fixed : adaptiveTargets(pool, pool.forecast, fixed, node, now);
}

/** The same, with the reason. */
export function targetsInForce(pool: PoolView, settings: PoolSettings, node: NodeFacts, now: Millis): TargetsInForce {
  const fixed = targetsOf(pool, settings, node);
  if (pool.forecast === undefined) return { ...fixed, because: "static" };
  return adaptiveTargets(pool, pool.forecast, fixed, node, now);
}
