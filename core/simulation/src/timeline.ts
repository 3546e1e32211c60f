import type { Millis } from "@slash28/ipam";

/** Something that happens at a set time. */
export interface TimedEvent {
  readonly label: string;
  readonly fire: () => void;
  /** It no longer happens: a sleeper was woken, a process died. */
  readonly isVoid?: () => boolean;
}

interface Entry {
  readonly at: Millis;
  readonly order: number;
  readonly event: TimedEvent;
}

/** Virtual time: events in the order of their times, those of one time in the order they were put in. Time moves only from event to event. */
export class Timeline {
  readonly #heap: Entry[] = [];
  #now: Millis;
  #order = 0;

  constructor(start: Millis) {
    this.#now = start;
  }

  get now(): Millis {
    return this.#now;
  }

  /** @param inMs not negative. */
  schedule(inMs: number, event: TimedEvent): void {
    const heap = this.#heap;
    const entry = { at: this.#now + Math.max(0, inMs), order: this.#order++, event };
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || comesBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the next event that still happens, and moves time to it; `undefined` when there is none. */
  advance(): TimedEvent | undefined {
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      if (entry.event.isVoid?.() === true) continue;
      this.#now = entry.at;
      return entry.event;
    }
    return undefined;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let child = heap[left];
      if (child === undefined) break;
      let childAt = left;
      const other = heap[right];
      if (other !== undefined && comesBefore(other, child)) {
        child = other;
        childAt = right;
      }
      if (comesBefore(last, child)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
    return first;
  }
}

function comesBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
