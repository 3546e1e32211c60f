import type { Millis } from "./reservation.ts";

/** Pods at once that make a burst, and what comes between bursts is smaller. */
export const BURST_SIZE = 3;
/** What comes within this after a burst belongs to it: the batches of a rollout, the steps of an autoscaler. */
const APART_MS = 300_000;
/** Bursts that tell an interval: it was as long twice. One more after each time that this was wrong, for bursts at random look regular now and then. */
const TOLD_BY = 3;
const TOLD_BY_MOST = 8;
/** How much intervals may differ, as a share of the longest, and at least. */
const DIFFER_SHARE = 0.03;
const DIFFER_MS = 10_000;
/** A burst is prepared for this long before it may come at the earliest: time to attach two ENIs. */
const PREPARE_MS = 20_000;

/** When the next burst is expected, as told by the regular ones before. */
export interface ExpectedBurst {
  readonly everyMs: number;
  /** Not expected before. */
  readonly from: Millis;
  /** Missed if it did not come by then: nothing is known any more. */
  readonly until: Millis;
}

/** When bursts began, to see whether they come at equal intervals, as those of a CronJob do. */
export class BurstTimes {
  #beganAt: readonly Millis[] = [];
  #lastAt = Number.NEGATIVE_INFINITY;
  #toldBy = TOLD_BY;

  /** So many pods asked for addresses in one window, the last of them now. */
  note(size: number, now: Millis): void {
    if (size < BURST_SIZE) return;
    if (now - this.#lastAt >= APART_MS) this.#begin(now);
    this.#lastAt = now;
  }

  #begin(now: Millis): void {
    const expected = this.expected(now);
    if (expected !== undefined && now < expected.from) this.#toldBy = Math.min(TOLD_BY_MOST, this.#toldBy + 1);
    this.#beganAt = [...this.#beganAt, now].slice(-TOLD_BY_MOST);
  }

  /** When a burst that goes on now is over if nothing more comes. */
  endsAt(now: Millis): Millis | undefined {
    return now >= this.#lastAt && now - this.#lastAt < APART_MS ? this.#lastAt + APART_MS : undefined;
  }

  /** `undefined` where bursts do not come regularly, or the expected one did not come. */
  expected(now: Millis): ExpectedBurst | undefined {
    const told = this.#beganAt.slice(-this.#toldBy);
    const last = told.at(-1);
    if (last === undefined || told.length < this.#toldBy) return undefined;
    const intervals = told.slice(1).map((at, index) => at - (told[index] ?? at));
    const most = Math.max(...intervals);
    const least = Math.min(...intervals);
    const differ = Math.max(DIFFER_MS, Math.ceil(DIFFER_SHARE * most));
    if (most - least > differ) return undefined;
    const until = last + most + differ;
    // While a burst goes on, more of it may come.
    if (now >= until || this.endsAt(now) !== undefined) return undefined;
    return { everyMs: most, from: Math.max(this.#lastAt, last + least - differ - PREPARE_MS), until };
  }
}
