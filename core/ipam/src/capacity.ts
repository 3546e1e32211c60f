import type { SubnetId } from "@slash28/address";
import type { BlockKind } from "./pool-view.ts";
import type { Millis } from "./reservation.ts";

/** EC2's two ways of saying that a subnet cannot give: no address, or no free aligned /28. */
export type CapacityRefusal = "subnet-full" | "subnet-fragmented";

/** What refused: growth of ENIs in one subnet, or creation of an ENI wherever it may be created. */
export type CapacityScope = SubnetId | "new-eni";

export interface RefusedScope {
  readonly scope: CapacityScope;
  /** What was asked for. A subnet without a free /28 may well have single addresses, whichever error code EC2 used to say so. */
  readonly of: BlockKind;
  readonly why: CapacityRefusal;
  /** The most to ask for until EC2 agrees again. */
  readonly atMost: number;
  /** Nothing is asked before this time. */
  readonly until: Millis;
  /** Refusals of a request for one, in a row. */
  readonly misses: number;
}

/** The scopes that refused lately; empty when all is well. */
export type Capacity = readonly RefusedScope[];

/** Nothing refused. */
export const NO_REFUSALS: Capacity = [];

/** How long the pool leaves a subnet alone that refused a single address, as upstream does. */
const BACKOFF_MS = 120_000;
/** With pods waiting the first retry comes this soon, and doubles. */
const FIRST_RETRY_MS = 5_000;

/**
 * The capacity after a refusal. A refused request for many is halved and tried again at once, since EC2 gives all or nothing and a subnet
 * with four free addresses refuses five. A refused request for one backs off: 120 s, or 5 s doubling to 120 s while pods wait.
 */
export function afterRefusal(
  capacity: Capacity,
  refusal: { readonly scope: CapacityScope; readonly of: BlockKind; readonly why: CapacityRefusal; readonly asked: number },
  waiting: number,
  now: Millis,
): Capacity {
  const { scope, of, why } = refusal;
  const previous = find(capacity, scope, of);
  const others = capacity.filter((entry) => entry !== previous);
  const misses = previous?.misses ?? 0;
  const base = { scope, of, why };
  if (refusal.asked > 1) return [...others, { ...base, atMost: Math.floor(refusal.asked / 2), until: now, misses }];
  const pauseMs = waiting > 0 ? Math.min(BACKOFF_MS, FIRST_RETRY_MS * 2 ** Math.min(misses, 10)) : BACKOFF_MS;
  return [...others, { ...base, atMost: 1, until: now + pauseMs, misses: misses + 1 }];
}

/** The capacity after EC2 gave what was asked of a scope. A subnet that gave a /28 has single addresses too; not the other way round. */
export function afterSuccess(capacity: Capacity, scope: CapacityScope, of: BlockKind): Capacity {
  const isOver = (entry: RefusedScope): boolean => entry.scope === scope && (of === "prefix" || entry.of === of);
  return capacity.some(isOver) ? capacity.filter((entry) => !isOver(entry)) : capacity;
}

/** The most to ask of a scope now; 0 while it backs off. */
export function mostToAsk(capacity: Capacity, scope: CapacityScope, of: BlockKind, now: Millis): number {
  const entry = find(capacity, scope, of);
  if (entry === undefined) return Number.POSITIVE_INFINITY;
  return entry.until > now ? 0 : entry.atMost;
}

function find(capacity: Capacity, scope: CapacityScope, of: BlockKind): RefusedScope | undefined {
  return capacity.find((entry) => entry.scope === scope && entry.of === of);
}
