import type { HistogramBar, Percentiles } from "../fleet-result.ts";

/** Below this every millisecond has its own counter. */
const EXACT_BELOW_MS = 65_536;
/** Above it a counter stands for a 256th of its power of two. */
const STEPS_PER_DOUBLING = 256;
const DOUBLINGS = 24;
/** Where the bars of the histogram begin. */
const BAR_STARTS_MS = [
  0, 10, 100, 250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 3_600_000,
];

const NONE = new Uint32Array(0);

/** How long things took, counted: exact to the millisecond below 65 s, to 0.4 % above; the memory does not grow with what is counted. */
export class StartTimes {
  // Many small runs count nothing: the counters are made with the first.
  #exact = NONE;
  #coarse = NONE;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param ms a whole number, not negative. */
  add(ms: number): void {
    if (this.#count++ === 0) {
      this.#exact = new Uint32Array(EXACT_BELOW_MS);
      this.#coarse = new Uint32Array(STEPS_PER_DOUBLING * DOUBLINGS);
    }
    if (ms < EXACT_BELOW_MS) this.#exact[ms] = (this.#exact[ms] ?? 0) + 1;
    else {
      const at = coarseIndex(ms);
      this.#coarse[at] = (this.#coarse[at] ?? 0) + 1;
    }
  }

  percentiles(): Percentiles {
    return { p50: this.#at(0.5), p90: this.#at(0.9), p99: this.#at(0.99) };
  }

  /** The least that this share of all took at most; `null` when nothing was counted. */
  #at(share: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [ms, count] of this.#counted()) {
      seen += count;
      if (seen >= rank) return ms;
    }
    return null;
  }

  bars(): readonly HistogramBar[] {
    const pods = BAR_STARTS_MS.map(() => 0);
    let bar = 0;
    for (const [ms, count] of this.#counted()) {
      while (ms >= (BAR_STARTS_MS[bar + 1] ?? Number.POSITIVE_INFINITY)) bar++;
      pods[bar] = (pods[bar] ?? 0) + count;
    }
    return BAR_STARTS_MS.map((fromMs, at) => ({ fromMs, toMs: BAR_STARTS_MS[at + 1] ?? null, pods: pods[at] ?? 0 }));
  }

  /** What was counted, the shortest first. */
  *#counted(): Generator<readonly [number, number]> {
    for (const [ms, count] of this.#exact.entries()) if (count > 0) yield [ms, count];
    for (const [at, count] of this.#coarse.entries()) if (count > 0) yield [coarseStart(at), count];
  }
}

function coarseIndex(ms: number): number {
  const doubling = Math.min(DOUBLINGS - 1, Math.floor(Math.log2(ms / EXACT_BELOW_MS)));
  const base = EXACT_BELOW_MS * 2 ** doubling;
  const step = Math.min(STEPS_PER_DOUBLING - 1, Math.floor(((ms - base) * STEPS_PER_DOUBLING) / base));
  return doubling * STEPS_PER_DOUBLING + step;
}

function coarseStart(index: number): number {
  const base = EXACT_BELOW_MS * 2 ** Math.floor(index / STEPS_PER_DOUBLING);
  return base + Math.floor((base * (index % STEPS_PER_DOUBLING)) / STEPS_PER_DOUBLING);
}
