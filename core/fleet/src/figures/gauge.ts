/** A count over time: what it is, the most it was, and its average. Whatever comes and goes within the same millisecond was never there. */
export class Gauge {
  #value = 0;
  #peak = 0;
  #area = 0;
  #since = 0;

  get value(): number {
    return this.#value;
  }

  /** The most so far. */
  get peak(): number {
    return Math.max(this.#peak, this.#value);
  }

  /** @param at may lie before the last change: what ends by itself is noticed later. */
  add(delta: number, at: number): void {
    if (delta !== 0) this.set(this.#value + delta, at);
  }

  set(value: number, at: number): void {
    if (at > this.#since) {
      if (this.#value > this.#peak) this.#peak = this.#value;
      this.#area += this.#value * (at - this.#since);
      this.#since = at;
    } else {
      this.#area += (value - this.#value) * (this.#since - at);
    }
    this.#value = value;
  }

  /** Over the time from 0 to `now`. */
  average(now: number): number {
    return now <= 0 ? this.#value : (this.#area + this.#value * (now - this.#since)) / now;
  }
}
