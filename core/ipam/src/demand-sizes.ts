import type { Millis } from "./reservation.ts";

/** What was asked for counts half as much after this. */
const HALF_LIFE_MS = 12 * 3_600_000;
/** Larger ones are counted as this: no ENI brings more addresses at once. */
const SIZE_MAX = 64;
/** Weights are brought down again before they lose digits. */
const WEIGHT_MAX = 2 ** 40;

/**
 * How many addresses were asked for at once: pods by the size of the window they came in, older ones counting less. Adding and asking cost the
 * same however many there were.
 */
export class DemandSizes {
  readonly #lengthMs: number;
  /** Pods that came in a window of so many. In units that grow with time, so that what is old need not be touched to count less. */
  readonly #pods = new Float64Array(SIZE_MAX + 1);
  #unitSince: Millis | undefined;
  #beganAt = Number.NEGATIVE_INFINITY;
  #size = 0;

  /** @param lengthMs of a window: from the first pod that finds no other one open. */
  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** One pod asked. Returns how many have in this window. */
  note(now: Millis): number {
    const isOpen = now >= this.#beganAt && now < this.#beganAt + this.#lengthMs;
    if (!isOpen) {
      this.#beganAt = now;
      this.#size = 0;
    }
    const weight = this.#weightAt(now);
    // The whole window is one larger than before.
    if (this.#size > 0) this.#count(Math.min(this.#size, SIZE_MAX), -weight * this.#size);
    this.#size++;
    this.#count(Math.min(this.#size, SIZE_MAX), weight * this.#size);
    return this.#size;
  }

  /**
   * The fewest free addresses with which all but this share of the pods would have found one: the fill rate of a stock that is replenished within a
   * window. Pods of windows larger than `sizeMax` count as if they had. 0 when no pod came.
   */
  enoughFor(missedShare: number, sizeMax = SIZE_MAX): number {
    let pods = 0;
    for (let size = 1; size <= SIZE_MAX; size++) pods += this.#pods[size] ?? 0;
    let windows = 0;
    let missed = 0;
    for (let size = sizeMax; size >= 1; size--) {
      windows += (this.#pods[size] ?? 0) / size;
      missed += windows;
      if (missed > missedShare * pods) return size;
    }
    return 0;
  }

  #count(size: number, weight: number): void {
    this.#pods[size] = Math.max(0, (this.#pods[size] ?? 0) + weight);
  }

  #weightAt(now: Millis): number {
    this.#unitSince ??= now;
    const weight = 2 ** ((now - this.#unitSince) / HALF_LIFE_MS);
    if (weight < WEIGHT_MAX) return weight;
    for (let size = 0; size <= SIZE_MAX; size++) this.#pods[size] = (this.#pods[size] ?? 0) / weight;
    this.#unitSince = now;
    return 1;
  }
}
