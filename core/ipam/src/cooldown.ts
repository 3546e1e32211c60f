import type { Block } from "./block.ts";
import type { Millis } from "./reservation.ts";

/** The nth address of a block, at rest. */
export interface Rest {
  readonly block: Block;
  readonly index: number;
  until: Millis;
  /** The next one to wake. */
  next: Rest | undefined;
}

/** Addresses at rest, the first to wake first. One cooldown length for all makes this a queue: adding and waking cost nothing. */
export class CooldownQueue {
  #first: Rest | undefined;
  #last: Rest | undefined;

  add(block: Block, index: number, until: Millis): void {
    const rest: Rest = { block, index, until, next: undefined };
    if (this.#last === undefined || this.#last.until <= until) this.#putAfter(this.#last, rest);
    else this.#putAfter(this.#lastBefore(until), rest);
  }

  /** Takes out the next one whose rest is over; oldest first. `undefined` when there is none: most calls of a ledger find that. */
  wake(now: Millis): Rest | undefined {
    const rest = this.#first;
    if (rest === undefined || rest.until > now) return undefined;
    this.#first = rest.next;
    if (rest.next === undefined) this.#last = undefined;
    return rest;
  }

  /** Takes out an address that somebody has again, or all of a block that is gone. */
  drop(block: Block, index?: number): void {
    const all = [...this.#all()];
    this.#first = undefined;
    this.#last = undefined;
    for (const rest of all) {
      const goes = rest.block === block && (index === undefined || rest.index === index);
      if (!goes) this.#putAfter(this.#last, rest);
    }
  }

  /** When the nth address of a block wakes; `undefined` when it does not rest. */
  endOf(block: Block, index: number): Millis | undefined {
    for (const rest of this.#all()) if (rest.block === block && rest.index === index) return rest.until;
    return undefined;
  }

  /** No rest ends later than this: a clock that was set back must not keep addresses away for hours. */
  limit(latest: Millis): void {
    for (const rest of this.#all()) if (rest.until > latest) rest.until = latest;
  }

  /** When the next address wakes. */
  get nextAt(): Millis | undefined {
    return this.#first?.until;
  }

  *#all(): Generator<Rest, void> {
    for (let rest = this.#first; rest !== undefined; rest = rest.next) yield rest;
  }

  /** The one that a rest with this end comes after; `undefined`: it is the first. */
  #lastBefore(until: Millis): Rest | undefined {
    let before: Rest | undefined;
    for (let rest = this.#first; rest !== undefined && rest.until <= until; rest = rest.next) before = rest;
    return before;
  }

  #putAfter(before: Rest | undefined, rest: Rest): void {
    if (before === undefined) {
      rest.next = this.#first;
      this.#first = rest;
    } else {
      rest.next = before.next;
      before.next = rest;
    }
    if (rest.next === undefined) this.#last = rest;
  }
}
