import type { Millis } from "./reservation.ts";

/** Ages of the last pod, and of the last burst, that are told apart. */
const POD_AGES_MS = [10_000, 60_000, 300_000, 1_800_000] as const;
const BURST_AGES_MS = [60_000, 300_000] as const;
/** Bursts that are due, told apart by the pods of the ones before. */
const DUE_SIZES = [4, 8, 16] as const;

const POD_AGES = POD_AGES_MS.length + 1;
const BURST_AGES = BURST_AGES_MS.length + 1;
const DUE = DUE_SIZES.length + 1;

/** Situations that a node tells apart: the numbers below this. */
export const SITUATIONS = DUE + POD_AGES * BURST_AGES;

/** A burst of about this size is due. */
export function dueSituation(size: number): number {
  return rankOf(size, DUE_SIZES);
}

/** The most pods of a burst that makes this situation; `undefined`: none is due in it. */
export function mostDueIn(situation: number): number | undefined {
  return situation < DUE ? (DUE_SIZES[situation] ?? Number.POSITIVE_INFINITY) - 1 : undefined;
}

/** So long after the last pod and the last burst, and no burst is due. */
export function quietSituation(podAgeMs: number, burstAgeMs: number): number {
  return DUE + rankOf(burstAgeMs, BURST_AGES_MS) * POD_AGES + rankOf(podAgeMs, POD_AGES_MS);
}

/** When a quiet situation becomes another one by time alone; `undefined`: never. */
export function quietUntil(podAt: Millis, burstAt: Millis, now: Millis): Millis | undefined {
  const times = [...POD_AGES_MS.map((age) => podAt + age), ...BURST_AGES_MS.map((age) => burstAt + age)].filter((at) => at > now);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** For people. */
export function situationText(situation: number): string {
  const most = mostDueIn(situation);
  if (most !== undefined) return `a burst of ${dueText(situation)} pods is due`;
  const quiet = situation - DUE;
  const pod = ageText(quiet % POD_AGES, POD_AGES_MS);
  const burst = ageText(Math.floor(quiet / POD_AGES), BURST_AGES_MS);
  return `no burst is due, the last pod came ${pod}, the last burst ${burst}`;
}

function dueText(situation: number): string {
  const [least, limit] = [DUE_SIZES[situation - 1], DUE_SIZES[situation]];
  if (limit === undefined) return `${least} or more`;
  return least === undefined ? `fewer than ${limit}` : `${least} to ${limit - 1}`;
}

function ageText(rank: number, limits: readonly number[]): string {
  const limit = limits[rank];
  const least = limits[rank - 1];
  if (limit === undefined) return `more than ${spanText(least ?? 0)} ago or never`;
  return least === undefined ? `less than ${spanText(limit)} ago` : `${spanText(least)} to ${spanText(limit)} ago`;
}

function spanText(ms: number): string {
  return ms < 60_000 ? `${ms / 1_000} s` : `${ms / 60_000} min`;
}

/** How many of these limits a value has reached. */
function rankOf(value: number, limits: readonly number[]): number {
  const rank = limits.findIndex((limit) => value < limit);
  return rank < 0 ? limits.length : rank;
}
