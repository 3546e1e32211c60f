import type { Block } from "./block.ts";
import type { Millis } from "./reservation.ts";

/** The nth address of a block, at rest. */
export interface Rest {
  readonly block: Block;
  readonly index: number;
  until: Millis;
}

/** Addresses at rest, the first to wake first. One cooldown length for all makes this a queue: adding and waking cost nothing. */
export class CooldownQueue {
  #rests: Rest[] = [];
  #head = 0;

  add(rest: Rest): void {
    const last = this.#rests.at(-1);
    if (this.#head === this.#rests.length || last === undefined || last.until <= rest.until) {
      this.#rests.push(rest);
      return;
    }
    const at = this.#rests.findIndex((other, index) => index >= this.#head && other.until > rest.until);
    this.#rests.splice(at < 0 ? this.#rests.length : at, 0, rest);
  }

  /** Takes out the next one whose rest is over; oldest first. `undefined` when there is none: most calls of a ledger find that. */
  wake(now: Millis): Rest | undefined {
    const rest = this.#rests[this.#head];
    if (rest === undefined || rest.until > now) return undefined;
    this.#head++;
    if (this.#head === this.#rests.length) this.#rests.length = this.#head = 0;
    else if (this.#head > 64 && this.#head * 2 > this.#rests.length) {
      this.#rests = this.#rests.slice(this.#head);
      this.#head = 0;
    }
    return rest;
  }

  /** Takes out an address that somebody has again, or all of a block that is gone. */
  drop(block: Block, index?: number): void {
    const stay = (rest: Rest): boolean => rest.block !== block || (index !== undefined && rest.index !== index);
    this.#rests = this.#rests.slice(this.#head).filter(stay);
    this.#head = 0;
  }

  /** When the nth address of a block wakes; `undefined` when it does not rest. */
  endOf(block: Block, index: number): Millis | undefined {
    for (let at = this.#head; at < this.#rests.length; at++) {
      const rest = this.#rests[at];
      if (rest?.block === block && rest.index === index) return rest.until;
    }
    return undefined;
  }

  /** No rest ends later than this: a clock that was set back must not keep addresses away for hours. */
  limit(latest: Millis): void {
    for (let at = this.#head; at < this.#rests.length; at++) {
      const rest = this.#rests[at];
      if (rest !== undefined && rest.until > latest) rest.until = latest;
    }
  }

  /** When the next address wakes. */
  get nextAt(): Millis | undefined {
    return this.#rests[this.#head]?.until;
  }
}
