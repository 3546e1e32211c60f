import { FadingWeights } from "./fading-weights.ts";
import type { Millis } from "./reservation.ts";
import { SITUATIONS } from "./situation.ts";

/** Larger windows are counted as this: no ENI brings more addresses at once. */
export const SIZE_MAX = 64;

/** Pods that came at once, and the situation in which the first of them did. */
export interface DemandWindow {
  readonly beganAt: Millis;
  readonly situation: number;
  readonly size: number;
}

/** What was seen, in units of a window that begins now: older ones count less. */
export interface SeenDemand {
  readonly at: Millis;
  /** Situation, size, windows. */
  readonly windows: readonly (readonly [number, number, number])[];
  /** Time by situation. */
  readonly spentMs: readonly number[];
}

/**
 * How many addresses were asked for at once, by the situation in which they were, and the time that was spent in each situation. Adding costs the same
 * however much there was; what is old counts less.
 */
export class DemandTable {
  readonly #lengthMs: number;
  /** Windows by situation and size. */
  readonly #windows = Array.from({ length: SITUATIONS }, () => new Float64Array(SIZE_MAX + 1));
  readonly #spentMs = new Float64Array(SITUATIONS);
  readonly #weights = new FadingWeights((divisor) => this.#bringDown(divisor));
  #last: DemandWindow = { beganAt: Number.NEGATIVE_INFINITY, situation: 0, size: 0 };

  /** @param lengthMs of a window: from the first pod that finds no other one open. */
  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** One pod asked, in this situation if it begins a window. Returns its window with it. */
  note(situation: number, now: Millis): DemandWindow {
    const { beganAt, size } = this.#last;
    const isOpen = now >= beganAt && now < beganAt + this.#lengthMs;
    if (!isOpen) this.#last = { beganAt: now, situation, size: 1 };
    else {
      // The whole window is one larger than before.
      this.#count(this.#last, -1);
      this.#last = { ...this.#last, size: size + 1 };
    }
    this.#count(this.#last, 1);
    return this.#last;
  }

  /** A window that is over was of another situation than it seemed. */
  move(window: DemandWindow, situation: number): void {
    this.#count(window, -1);
    this.#count({ ...window, situation }, 1);
  }

  /** Time passed in a situation. */
  spend(situation: number, from: Millis, to: Millis): void {
    this.#spentMs[situation] = (this.#spentMs[situation] ?? 0) + this.#weights.between(from, to);
  }

  seen(now: Millis): SeenDemand {
    const unit = this.#weights.at(now);
    const windows = this.#windows.flatMap((sizes, situation) =>
      Array.from(sizes, (weight, size) => [situation, size, weight / unit] as const).filter(([, , weight]) => weight > 0),
    );
    return { at: now, windows, spentMs: Array.from(this.#spentMs, (spent) => spent / unit) };
  }

  /** Takes over what another one had seen. */
  recall({ at, windows, spentMs }: SeenDemand): void {
    const unit = this.#weights.at(at);
    for (const [situation, size, weight] of windows) this.#add(situation, size, weight * unit);
    for (const [situation, spent] of spentMs.entries()) this.#spentMs[situation] = (this.#spentMs[situation] ?? 0) + spent * unit;
  }

  #count({ situation, size, beganAt }: DemandWindow, sign: 1 | -1): void {
    this.#add(situation, Math.min(size, SIZE_MAX), sign * this.#weights.at(beganAt));
  }

  #add(situation: number, size: number, weight: number): void {
    const sizes = this.#windows[situation];
    if (sizes !== undefined) sizes[size] = Math.max(0, (sizes[size] ?? 0) + weight);
  }

  #bringDown(divisor: number): void {
    for (const sizes of this.#windows) for (const [size, weight] of sizes.entries()) sizes[size] = weight / divisor;
    for (const [situation, spent] of this.#spentMs.entries()) this.#spentMs[situation] = spent / divisor;
  }
}
