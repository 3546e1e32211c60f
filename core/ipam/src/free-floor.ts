import type { Patience } from "./patience.ts";
import type { Millis } from "./reservation.ts";

/** More than any count, and a small number: infinity would make each count that is kept an object. */
const NONE_YET = 2 ** 30;

/**
 * The fewest free addresses over the last one to two steps of the pool's patience, of the pool's kind and of the other one. Handing back only what
 * nobody needed for that long keeps a node with steady churn from giving addresses to EC2 and asking for them again.
 */
export class FreeFloor {
  readonly #patience: Patience;
  #previous = NONE_YET;
  #current = NONE_YET;
  #last = NONE_YET;
  #previousOther = NONE_YET;
  #currentOther = NONE_YET;
  #lastOther = NONE_YET;
  #stepMs = 0;
  #stepEndsAt: Millis | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** Told after each change with the free counts of both kinds, and before each reading. */
  note(free: number, otherFree: number, now: Millis): void {
    if (this.#stepEndsAt === undefined || now < this.#stepEndsAt - this.#stepMs) {
      this.#beginStep(now);
    } else if (now >= this.#stepEndsAt) {
      this.#turn(now >= this.#stepEndsAt + this.#stepMs);
      this.#beginStep(now);
    }
    if (free < this.#current) this.#current = free;
    if (otherFree < this.#currentOther) this.#currentOther = otherFree;
    this.#last = free;
    this.#lastOther = otherFree;
  }

  /** Of the pool's kind. */
  get lowest(): number {
    return Math.min(this.#previous, this.#current);
  }

  get lowestOfOther(): number {
    return Math.min(this.#previousOther, this.#currentOther);
  }

  get changesAt(): Millis {
    return this.#stepEndsAt ?? 0;
  }

  /** A step is over. Where the next one passed as well before anybody looked, nothing changed in it. */
  #turn(isLongAgo: boolean): void {
    this.#previous = isLongAgo ? this.#last : this.#current;
    this.#previousOther = isLongAgo ? this.#lastOther : this.#currentOther;
    this.#current = NONE_YET;
    this.#currentOther = NONE_YET;
  }

  #beginStep(now: Millis): void {
    this.#stepMs = this.#patience.stepMs(now);
    this.#stepEndsAt = now + this.#stepMs;
  }
}
