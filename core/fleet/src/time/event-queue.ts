import { TimeHeap } from "./time-heap.ts";
import { Window, WINDOW_MS } from "./window.ts";

/** Something that happens at a set time. */
export interface Happening {
  fire(): void;
}

const FIRST_ROOM = 1_024;
const NONE = -1;

/** The entries of a window that is still to come in the order of their coming, each naming the next one. */
interface Line {
  readonly number: number;
  first: number;
  last: number;
}

/**
 * Virtual time: what is to happen, in the order of its times; what has one time, in the order it was put in. Time is cut into windows of some
 * seconds. What is further away waits in its window's line, in no order of time; a window whose turn has come has a line for each millisecond. So
 * each event is put into two lines at most, however many there are: a million that wait are two typed arrays and a list, and nothing is sorted.
 * Times are whole milliseconds: sums over them stay exact.
 */
export class EventQueue {
  /** Of each entry: the next of its line, and its time within its window. */
  #nexts = new Int32Array(FIRST_ROOM);
  #offsets = new Uint16Array(FIRST_ROOM);
  readonly #what: (Happening | undefined)[] = [];
  /** The line of entries that are not in use. */
  #unused = NONE;
  #size = 0;
  /** The window that time is in. */
  readonly #window = new Window();
  /** Those after it, by number, and in order of time. */
  readonly #later = new Map<number, Line>();
  readonly #order = new TimeHeap<Line>();
  #now = 0;
  /** When the next one happens, if there is one. A number of milliseconds at all times: infinity would make each time that is read from here an object. */
  #nextAt = 0;

  get now(): number {
    return this.#now;
  }

  get size(): number {
    return this.#size;
  }

  /** When the next thing happens; infinity when there is none. */
  get nextAt(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#nextAt;
  }

  /** What is due already happens next, after what was put in before. */
  at(atMs: number, what: Happening): void {
    const time = Math.max(this.#now, Math.ceil(atMs));
    const number = Math.floor(time / WINDOW_MS);
    const entry = this.#enter(time - number * WINDOW_MS, what);
    if (number === this.#window.number) this.#window.append(time - number * WINDOW_MS, entry, this.#nexts);
    else this.#appendLater(number, entry);
    if (this.#size === 1 || time < this.#nextAt) this.#nextAt = time;
  }

  in(ms: number, what: Happening): void {
    this.at(this.#now + ms, what);
  }

  /** Takes the next event and moves time to it. */
  next(): Happening | undefined {
    if (this.#size === 0) return undefined;
    const time = this.#nextAt;
    this.#now = time;
    const number = Math.floor(time / WINDOW_MS);
    if (number !== this.#window.number) this.#open(number);
    const entry = this.#window.take(time - number * WINDOW_MS, this.#nexts);
    const what = this.#what[entry];
    this.#leave(entry);
    this.#nextAt = this.#findNext();
    return what;
  }

  /** Lets time pass up to where nothing happens before. */
  passTo(atMs: number): void {
    if (atMs > this.nextAt) throw new RangeError(`something happens at ${this.nextAt}, before ${atMs}`);
    this.#now = Math.max(this.#now, atMs);
  }

  #enter(offset: number, what: Happening): number {
    let entry = this.#unused;
    if (entry === NONE) {
      entry = this.#what.length;
      if (entry === this.#nexts.length) this.#grow();
      this.#what.push(what);
    } else {
      this.#unused = this.#nexts[entry] ?? NONE;
      this.#what[entry] = what;
    }
    this.#offsets[entry] = offset;
    this.#nexts[entry] = NONE;
    this.#size++;
    return entry;
  }

  #leave(entry: number): void {
    this.#what[entry] = undefined;
    this.#nexts[entry] = this.#unused;
    this.#unused = entry;
    this.#size--;
  }

  #appendLater(number: number, entry: number): void {
    const line = this.#later.get(number);
    if (line !== undefined) {
      this.#nexts[line.last] = entry;
      line.last = entry;
      return;
    }
    const made = { number, first: entry, last: entry };
    this.#later.set(number, made);
    this.#order.add(number, made);
  }

  /** The first window with anything in it has its turn. */
  #open(number: number): void {
    this.#window.number = number;
    this.#later.delete(number);
    const line = this.#order.take();
    for (let entry = line?.first ?? NONE; entry !== NONE;) {
      const next = this.#nexts[entry] ?? NONE;
      this.#nexts[entry] = NONE;
      this.#window.append(this.#offsets[entry] ?? 0, entry, this.#nexts);
      entry = next;
    }
  }

  #findNext(): number {
    const start = this.#window.number * WINDOW_MS;
    const offset = this.#window.firstFrom(this.#now - start);
    if (offset !== undefined) return start + offset;
    const line = this.#order.first;
    if (line === undefined) return 0;
    let least = WINDOW_MS;
    for (let entry = line.first; entry !== NONE; entry = this.#nexts[entry] ?? NONE) least = Math.min(least, this.#offsets[entry] ?? 0);
    return line.number * WINDOW_MS + least;
  }

  #grow(): void {
    const nexts = new Int32Array(this.#nexts.length * 2);
    const offsets = new Uint16Array(this.#nexts.length * 2);
    nexts.set(this.#nexts);
    offsets.set(this.#offsets);
    this.#nexts = nexts;
    this.#offsets = offsets;
  }
}
