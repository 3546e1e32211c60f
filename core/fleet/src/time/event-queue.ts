/** Something that happens at a set time. */
export interface Happening {
  fire(): void;
}

const FIRST_ROOM = 1_024;

/**
 * Virtual time: what is to happen, in the order of its times; what has one time, in the order it was put in. A binary heap over typed arrays, so
 * that a million waiting events are three arrays and no objects. Times are whole milliseconds: sums over them stay exact.
 */
export class EventQueue {
  #times = new Float64Array(FIRST_ROOM);
  #orders = new Float64Array(FIRST_ROOM);
  readonly #what: (Happening | undefined)[] = [];
  #size = 0;
  #order = 0;
  #now = 0;

  get now(): number {
    return this.#now;
  }

  get size(): number {
    return this.#size;
  }

  /** When the next thing happens; infinity when there is none. */
  get nextAt(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] ?? Number.POSITIVE_INFINITY);
  }

  /** What is due already happens next, after what was put in before. */
  at(atMs: number, what: Happening): void {
    const time = Math.max(this.#now, Math.ceil(atMs));
    if (this.#size === this.#times.length) this.#grow();
    this.#rise(this.#size++, time, this.#order++, what);
  }

  in(ms: number, what: Happening): void {
    this.at(this.#now + ms, what);
  }

  /** Takes the next event and moves time to it. */
  next(): Happening | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#what[0];
    this.#now = this.#times[0] ?? this.#now;
    const last = --this.#size;
    const [time, order, what] = [this.#times[last] ?? 0, this.#orders[last] ?? 0, this.#what[last]];
    this.#what[last] = undefined;
    if (last > 0 && what !== undefined) this.#sink(time, order, what);
    return first;
  }

  /** Lets time pass up to where nothing happens before. */
  passTo(atMs: number): void {
    if (atMs > this.nextAt) throw new RangeError(`something happens at ${this.nextAt}, before ${atMs}`);
    this.#now = Math.max(this.#now, atMs);
  }

  #rise(from: number, time: number, order: number, what: Happening): void {
    const times = this.#times;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // What is put in now comes after all that has its time.
      if ((times[parent] ?? 0) <= time) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, order, what);
  }

  #sink(time: number, order: number, what: Happening): void {
    const times = this.#times;
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && this.#isBefore(child + 1, child)) child++;
      const childTime = times[child] ?? 0;
      if (time < childTime || (time === childTime && order < (this.#orders[child] ?? 0))) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, time, order, what);
  }

  #isBefore(a: number, b: number): boolean {
    const timeA = this.#times[a] ?? 0;
    const timeB = this.#times[b] ?? 0;
    return timeA < timeB || (timeA === timeB && (this.#orders[a] ?? 0) < (this.#orders[b] ?? 0));
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] ?? 0;
    this.#orders[to] = this.#orders[from] ?? 0;
    this.#what[to] = this.#what[from];
  }

  #put(at: number, time: number, order: number, what: Happening): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#what[at] = what;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const orders = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    orders.set(this.#orders);
    this.#times = times;
    this.#orders = orders;
  }
}
