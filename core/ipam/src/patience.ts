import type { Millis } from "./reservation.ts";

/** Half of the time that a surplus must last at first before it is handed back. */
export const LEAST_STEP_MS = 15_000;
/** Half of the longest time. */
export const MOST_STEP_MS = 120_000;
/** What is asked of EC2 again so soon after a hand-back should have been kept. */
const MISSED_WITHIN_MS = 600_000;
/** After so long without a miss the time is halved. */
const EASE_AFTER_MS = 1_800_000;

/**
 * How long a node waits before it takes a surplus for one. At first not long, for others may need the addresses. Twice as long after each
 * hand-back that was missed soon after: a node whose pods come and go in waves, or are replaced all the time, learns to keep what the next ones need,
 * instead of giving it to EC2 and asking for it again.
 */
export class Patience {
  #stepMs = LEAST_STEP_MS;
  #handedBackAt: Millis | undefined;
  #changedAt: Millis = 0;

  /** Something was handed back that pods could have had. */
  handedBack(now: Millis): void {
    this.#handedBackAt = now;
  }

  /** The pool grew. Several steps of growth miss one hand-back once. */
  grew(now: Millis): void {
    const at = this.#handedBackAt;
    this.#handedBackAt = undefined;
    if (at === undefined || now < at || now - at > MISSED_WITHIN_MS) return;
    this.#stepMs = Math.min(MOST_STEP_MS, this.#stepMs * 2);
    this.#changedAt = now;
  }

  /** Half of the time that a surplus must last now. */
  stepMs(now: Millis): Millis {
    if (now < this.#changedAt) this.#changedAt = now;
    if (this.#stepMs > LEAST_STEP_MS && now - this.#changedAt >= EASE_AFTER_MS) {
      this.#stepMs /= 2;
      this.#changedAt = now;
    }
    return this.#stepMs;
  }
}
