import { AGENT_PACE } from "./agent-pace.ts";
import type { CapacityRefusal } from "./capacity.ts";

/** A plan that EC2 did not carry out, told by the code of its fault. */
export interface RefusedPlan {
  readonly code: string;
  /** The fault's own delay until trying again can help. */
  readonly retryAfterMs: number | undefined;
  /** The plan before it ended with the same code. */
  readonly isAgain: boolean;
}

/** When the pool is planned again after a fault, and what comes before that. */
export interface NextTurn {
  /** 0: at once. */
  readonly nextInMs: number;
  /** The node has to be looked at again before the next plan. */
  readonly isStale: boolean;
}

const CAPACITY: ReadonlyMap<string, CapacityRefusal> = new Map([
  ["SUBNET_FULL", "subnet-full"],
  ["SUBNET_FRAGMENTED", "subnet-fragmented"],
]);
/** The pool's picture of the node is not EC2's. */
const OUTDATED: ReadonlySet<string> = new Set(["ENI_GONE", "ENI_ADDRESS_LIMIT", "INSTANCE_ENI_LIMIT"]);
/** Refused outright: to look at EC2 again would only be one more call. */
const CHANGED_NOTHING: ReadonlySet<string> = new Set(["EC2_THROTTLED", "EC2_UNAUTHORIZED"]);

/** What a fault says of a subnet's room; `undefined` when it says nothing of it. */
export function capacityRefusalOf(code: string): CapacityRefusal | undefined {
  return CAPACITY.get(code);
}

/** A subnet's refusal is in the planner's view, which halves or backs off; other faults say themselves when to come again. */
export function afterFault({ code, retryAfterMs, isAgain }: RefusedPlan): NextTurn {
  if (capacityRefusalOf(code) !== undefined) return { nextInMs: 0, isStale: false };
  const isStale = !CHANGED_NOTHING.has(code);
  const pauseMs = retryAfterMs ?? AGENT_PACE.retryMs;
  if (!OUTDATED.has(code)) return { nextInMs: pauseMs, isStale };
  // A look at EC2 comes first and usually mends it; what it did not mend is not asked again at once.
  return { nextInMs: isAgain ? Math.max(AGENT_PACE.outdatedRetryMs, pauseMs) : 0, isStale };
}
