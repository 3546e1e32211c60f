import type { Millis } from "./reservation.ts";

/** What was seen counts half as much after this. */
const HALF_LIFE_MS = 12 * 3_600_000;
/** Weights are brought down again before they lose digits. */
const WEIGHT_MAX = 2 ** 40;

/**
 * Weights in units that grow with time, so that what is old need not be touched to count less. Who keeps sums in these units brings them down when
 * told to.
 */
export class FadingWeights {
  readonly #bringDown: (divisor: number) => void;
  #unitSince: Millis | undefined;

  /** @param bringDown divides every sum that is kept in these units. */
  constructor(bringDown: (divisor: number) => void) {
    this.#bringDown = bringDown;
  }

  /** Of one thing at a time. */
  at(time: Millis): number {
    this.#unitSince ??= time;
    const weight = 2 ** ((time - this.#unitSince) / HALF_LIFE_MS);
    if (weight < WEIGHT_MAX) return weight;
    this.#bringDown(weight);
    this.#unitSince = time;
    return 1;
  }

  /** Of the milliseconds from one time to another, summed. */
  between(from: Millis, to: Millis): number {
    const upTo = this.at(to);
    return (upTo * (1 - 2 ** ((from - to) / HALF_LIFE_MS)) * HALF_LIFE_MS) / Math.LN2;
  }
}
