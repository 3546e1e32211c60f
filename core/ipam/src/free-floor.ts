import type { Millis } from "./reservation.ts";

/** Half of the time that a surplus must last before it is handed back. */
export const FLOOR_STEP_MS = 30_000;

/**
 * The fewest free addresses over the last one to two steps. Handing back only what nobody needed for that long keeps a node with steady churn
 * from giving addresses to EC2 and asking for them again.
 */
export class FreeFloor {
  #stepEndsAt: Millis | undefined;
  #previous = Number.POSITIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #last = Number.POSITIVE_INFINITY;

  /** Told after each change with the free count, and before each reading. */
  note(free: number, now: Millis): void {
    if (this.#stepEndsAt === undefined || now < this.#stepEndsAt - FLOOR_STEP_MS) {
      this.#stepEndsAt = now + FLOOR_STEP_MS;
    } else if (now >= this.#stepEndsAt) {
      const isLongAgo = now >= this.#stepEndsAt + FLOOR_STEP_MS;
      this.#previous = isLongAgo ? this.#last : this.#current;
      this.#current = Number.POSITIVE_INFINITY;
      this.#stepEndsAt = now + FLOOR_STEP_MS;
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
}
