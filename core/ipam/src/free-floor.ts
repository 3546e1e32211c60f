import type { Patience } from "./patience.ts";
import type { Millis } from "./reservation.ts";

/**
 * The fewest free addresses over the last one to two steps of the pool's patience. Handing back only what nobody needed for that long keeps a
 * node with steady churn from giving addresses to EC2 and asking for them again.
 */
export class FreeFloor {
  readonly #patience: Patience;
  #stepMs = 0;
  #stepEndsAt: Millis | undefined;
  #previous = Number.POSITIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #last = Number.POSITIVE_INFINITY;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** Told after each change with the free count, and before each reading. */
  note(free: number, now: Millis): void {
    if (this.#stepEndsAt === undefined || now < this.#stepEndsAt - this.#stepMs) {
      this.#beginStep(now);
    } else if (now >= this.#stepEndsAt) {
      const isLongAgo = now >= this.#stepEndsAt + this.#stepMs;
      this.#previous = isLongAgo ? this.#last : this.#current;
      this.#current = Number.POSITIVE_INFINITY;
      this.#beginStep(now);
    }
    this.#current = Math.min(this.#current, free);
    this.#last = free;
  }

  get lowest(): number {
    return Math.min(this.#previous, this.#current);
  }

  get changesAt(): Millis {
    return this.#stepEndsAt ?? 0;
  }

  #beginStep(now: Millis): void {
    this.#stepMs = this.#patience.stepMs(now);
    this.#stepEndsAt = now + this.#stepMs;
  }
}
