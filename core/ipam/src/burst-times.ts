import type { DemandWindow } from "./demand-table.ts";
import type { Millis } from "./reservation.ts";

/** Pods at once that make a burst. */
export const BURST_SIZE = 3;
/** What comes within this after a burst belongs to it: the batches of a rollout, the steps of an autoscaler. */
const APART_MS = 300_000;
/** Bursts that are remembered. */
export const BURSTS_MOST = 32;
/** Expected bursts that are kept. */
const EXPECTED_MOST = 16;
/** How much two intervals may differ that are taken for equal, as a share of them, and at least. */
const DIFFER_SHARE = 0.01;
const DIFFER_MS = 10_000;
/** A burst is prepared for this long before it may come at the earliest: time to attach two ENIs. */
const PREPARE_MS = 20_000;

/** When a burst is expected, as told by two equal intervals before. */
export interface ExpectedBurst {
  readonly everyMs: number;
  /** Prepared for from then on. */
  readonly from: Millis;
  /** Missed if it did not come by then. */
  readonly until: Millis;
  /** Pods that came at once in the ones before. */
  readonly size: number;
}

/** The windows of the first pod of a burst: within an assignment, and within attaching an ENI. */
export interface OpeningWindows {
  readonly assign: DemandWindow;
  readonly attach: DemandWindow;
}

export interface Burst {
  readonly at: Millis;
  readonly size: number;
  readonly opening: OpeningWindows;
  /** It is one of four at equal intervals: that three are may be chance. */
  readonly isRegular: boolean;
}

/** A burst that is now known to be regular, and about how large its like are. */
export interface RecognisedBurst {
  readonly opening: OpeningWindows;
  readonly size: number;
}

/** When bursts began, to see which come at equal intervals, as those of CronJobs do; several sorts may come at intervals of their own. */
export class BurstTimes {
  #bursts: readonly Burst[] = [];
  #lastAt = Number.NEGATIVE_INFINITY;
  #expected: readonly ExpectedBurst[] = [];

  get bursts(): readonly Burst[] {
    return this.#bursts;
  }

  /** When the last pod of the last burst came. */
  get lastAt(): Millis {
    return this.#lastAt;
  }

  /** So many pods asked at once, the last of them now. Returns the earlier bursts that are known to be regular by this one. */
  note(size: number, opening: OpeningWindows, now: Millis): readonly RecognisedBurst[] {
    if (size < BURST_SIZE) return [];
    const last = this.#bursts.at(-1);
    const isNew = last === undefined || now - this.#lastAt >= APART_MS || now < this.#lastAt;
    this.#lastAt = now;
    if (isNew) return this.#begin({ at: now, size, opening, isRegular: false });
    const isOpening = last.opening.attach.beganAt === opening.attach.beganAt;
    this.#bursts = [
      ...this.#bursts.slice(0, -1),
      { ...last, size: Math.max(last.size, size), opening: isOpening ? opening : last.opening },
    ];
    return [];
  }

  /** Takes over what another one knew. */
  recall(bursts: readonly Burst[], lastAt: Millis): void {
    this.#bursts = bursts.slice(-BURSTS_MOST);
    this.#lastAt = lastAt;
    this.#expect();
  }

  /** The largest burst that is due at a time. */
  dueAt(now: Millis): ExpectedBurst | undefined {
    const due = this.#expected.filter(({ from, until }) => now >= from && now < until);
    return due.reduce<ExpectedBurst | undefined>((most, one) => (most === undefined || one.size > most.size ? one : most), undefined);
  }

  /** The next that is not due yet. */
  nextAfter(now: Millis): ExpectedBurst | undefined {
    return this.#expected.find(({ from }) => from > now);
  }

  /** When the answer of `dueAt` next may be another one. */
  changesAt(now: Millis): Millis | undefined {
    const times = this.#expected.flatMap(({ from, until }) => [from, until]).filter((at) => at > now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #begin(burst: Burst): readonly RecognisedBurst[] {
    this.#bursts = [...this.#bursts, burst].slice(-BURSTS_MOST);
    this.#expect();
    return this.#recognise(burst);
  }

  /** Marks the fours at equal intervals that end in this burst. */
  #recognise(burst: Burst): readonly RecognisedBurst[] {
    const recognised = new Map<Burst, number>();
    for (const before of this.#bursts.slice(0, -1)) {
      const first = this.#before(before, burst.at - before.at);
      const four = first === undefined ? undefined : this.#before(first, burst.at - before.at);
      if (first === undefined || four === undefined) continue;
      const size = Math.max(before.size, first.size, four.size);
      for (const one of [before, first, four]) if (!one.isRegular) recognised.set(one, Math.max(size, recognised.get(one) ?? 0));
    }
    this.#bursts = this.#bursts.map((one) => (recognised.has(one) ? { ...one, isRegular: true } : one));
    return Array.from(recognised, ([{ opening }, size]) => ({ opening, size }));
  }

  /** The shortest intervals first; what another one tells already is left out. */
  #expect(): void {
    const now = this.#bursts.at(-1)?.at ?? 0;
    const all = this.#bursts.flatMap((last, index) => this.#bursts.slice(0, index).flatMap((before) => this.#after(last, before) ?? []));
    const told: ExpectedBurst[] = [];
    for (const one of all.filter(({ until }) => until > now).sort((a, b) => a.everyMs - b.everyMs)) {
      if (told.length < EXPECTED_MOST && !told.some(({ from, until }) => one.from < until && from < one.until)) told.push(one);
    }
    this.#expected = told.sort((a, b) => a.from - b.from);
  }

  #after(last: Burst, before: Burst): ExpectedBurst | undefined {
    const everyMs = last.at - before.at;
    const first = this.#before(before, everyMs);
    if (first === undefined) return undefined;
    const other = before.at - first.at;
    const differ = differMs(everyMs);
    return {
      everyMs,
      from: last.at + Math.min(everyMs, other) - differ - PREPARE_MS,
      until: last.at + Math.max(everyMs, other) + differ,
      size: Math.max(last.size, before.size, first.size),
    };
  }

  /** The burst this long before another one. */
  #before({ at }: Burst, everyMs: number): Burst | undefined {
    return this.#bursts.find((one) => Math.abs(at - one.at - everyMs) <= differMs(everyMs));
  }
}

function differMs(everyMs: number): number {
  return Math.max(DIFFER_MS, Math.ceil(DIFFER_SHARE * everyMs));
}
