import type { Millis } from "./clock.ts";

/** How one action of EC2 was answered lately: throttling is counted per action, so one that is refused slows no other down. */
interface Pace {
  /** Refusals that still count. */
  readonly refusals: number;
  /** When the last of them came, and how long nothing is sent after it. */
  readonly refusedAt: Millis;
  readonly waitMs: number;
}

/** What a node may still ask of EC2: tokens for all its calls together, and each action's own pace. */
export interface CallBudget {
  readonly tokens: number;
  readonly filledAt: Millis;
  readonly paces: ReadonlyMap<string, Pace>;
}

/** A node's calls in a burst, and a second after it: far more than a pool needs, far less than a loop gone wrong would send. */
const BURST = 20;
const PER_SECOND = 2;
/** After the first refusal a call waits up to this, after each further one up to twice as long. */
const FIRST_WAIT_MS = 4_000;
const LONGEST_WAIT_MS = 20_000;

/** All is answered: the same for every node. */
const NO_PACES: CallBudget["paces"] = new Map();

export function fullBudget(now: Millis): CallBudget {
  return { tokens: BURST, filledAt: now, paces: NO_PACES };
}

/** The earliest time at which a call may be sent, `now` when it may go at once. */
export function maySendAt(budget: CallBudget, action: string, now: Millis): Millis {
  const tokens = tokensAt(budget, now);
  const forToken = tokens >= 1 ? now : now + Math.ceil(((1 - tokens) * 1_000) / PER_SECOND);
  const pace = budget.paces.get(action);
  // A clock that was set back must not hold a node's calls up for as long.
  return pace === undefined || now < pace.refusedAt ? forToken : Math.max(forToken, pace.refusedAt + pace.waitMs);
}

/** The budget after a call was sent. */
export function afterSending(budget: CallBudget, now: Millis): CallBudget {
  return { tokens: tokensAt(budget, now) - 1, filledAt: now, paces: budget.paces };
}

/**
 * The budget after EC2 throttled a call. The wait is drawn evenly from nothing to its longest (full jitter): nodes that were refused together
 * must not come back together. It outlasts the call, so that whoever asks next does not begin from the shortest wait again.
 *
 * @param draw uniform in [0, 1).
 */
export function afterThrottling(budget: CallBudget, action: string, now: Millis, draw: number): CallBudget {
  const refusals = (budget.paces.get(action)?.refusals ?? 0) + 1;
  const longestMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (refusals - 1));
  return withPace(budget, action, { refusals, refusedAt: now, waitMs: draw * longestMs });
}

/** The budget after EC2 answered a call, whatever it said: half of the refusals are forgotten. */
export function afterAnswer(budget: CallBudget, action: string): CallBudget {
  const pace = budget.paces.get(action);
  if (pace === undefined) return budget;
  return withPace(budget, action, { ...pace, refusals: Math.floor(pace.refusals / 2), waitMs: 0 });
}

function withPace(budget: CallBudget, action: string, pace: Pace): CallBudget {
  const paces = new Map(budget.paces);
  if (pace.refusals === 0) paces.delete(action);
  else paces.set(action, pace);
  return { ...budget, paces: paces.size === 0 ? NO_PACES : paces };
}

function tokensAt({ tokens, filledAt }: CallBudget, now: Millis): number {
  const passedMs = Math.max(0, now - filledAt);
  return Math.min(BURST, tokens + (passedMs * PER_SECOND) / 1_000);
}
