/** Things by time, the earliest first; those of one time in any order, the same in every run. */
export class TimeHeap<T> {
  readonly #times: number[] = [];
  readonly #things: T[] = [];

  /** `Infinity` when it is empty. */
  get nextAt(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  /** The earliest. */
  get first(): T | undefined {
    return this.#things[0];
  }

  get size(): number {
    return this.#times.length;
  }

  add(atMs: number, thing: T): void {
    let at = this.#times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#time(parent) <= atMs) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#times[at] = atMs;
    this.#things[at] = thing;
  }

  /** Takes the earliest. */
  take(): T | undefined {
    const first = this.#things[0];
    const atMs = this.#times.pop();
    const thing = this.#things.pop();
    const size = this.#times.length;
    if (atMs === undefined || size === 0) return first;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#time(child + 1) < this.#time(child)) child++;
      if (atMs <= this.#time(child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#times[at] = atMs;
    this.#things[at] = thing as T;
    return first;
  }

  #time(at: number): number {
    return this.#times[at] ?? Number.POSITIVE_INFINITY;
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#time(from);
    this.#things[to] = this.#things[from] as T;
  }
}
