import type { Slot } from "./block.ts";
import type { Millis } from "./reservation.ts";

interface Rest {
  readonly slot: Slot;
  until: Millis;
}

/**
 * Addresses at rest, the first to wake first. One cooldown length for all makes this a queue: adding and waking cost nothing. A slot that was
 * placed again or dropped meanwhile no longer agrees with its entry and is passed over.
 */
export class CooldownQueue {
  #rests: Rest[] = [];
  #head = 0;

  add(slot: Slot, until: Millis): void {
    slot.coolUntil = until;
    const last = this.#rests.at(-1);
    if (this.#head === this.#rests.length || last === undefined || last.until <= until) {
      this.#rests.push({ slot, until });
      return;
    }
    const at = this.#rests.findIndex((rest, index) => index >= this.#head && rest.until > until);
    this.#rests.splice(at < 0 ? this.#rests.length : at, 0, { slot, until });
  }

  /** Whether `wake` has anything to do: most calls of a ledger find that it has not. */
  isDue(now: Millis): boolean {
    const rest = this.#rests[this.#head];
    return rest !== undefined && rest.until <= now;
  }

  /** Takes out each slot whose rest is over, with the time it ended; oldest first. */
  *wake(now: Millis): Generator<{ readonly slot: Slot; readonly until: Millis }> {
    for (;;) {
      const rest = this.#rests[this.#head];
      if (rest === undefined || rest.until > now) break;
      this.#head++;
      if (rest.slot.coolUntil === rest.until) yield rest;
    }
    if (this.#head > 64 && this.#head * 2 > this.#rests.length) {
      this.#rests = this.#rests.slice(this.#head);
      this.#head = 0;
    }
  }

  /** No rest ends later than this: a clock that was set back must not keep addresses away for hours. */
  limit(latest: Millis): void {
    for (let i = this.#head; i < this.#rests.length; i++) {
      const rest = this.#rests[i];
      if (rest === undefined || rest.until <= latest) continue;
      if (rest.slot.coolUntil === rest.until) rest.slot.coolUntil = latest;
      rest.until = latest;
    }
  }

  /** When the next slot wakes. */
  get nextAt(): Millis | undefined {
    for (let i = this.#head; i < this.#rests.length; i++) {
      const rest = this.#rests[i];
      if (rest !== undefined && rest.slot.coolUntil === rest.until) return rest.until;
    }
    return undefined;
  }
}
