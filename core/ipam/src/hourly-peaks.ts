import type { Millis } from "./reservation.ts";

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** The most of something in each of the last 24 hours, the running one apart. */
export class HourlyPeaks {
  readonly #peaks: number[] = [];
  #hour: number | undefined;
  #running = 0;

  note(value: number, now: Millis): void {
    this.#turn(now);
    this.#running = Math.max(this.#running, value);
  }

  /** The most before the running hour; `undefined` in the first one. */
  before(now: Millis): number | undefined {
    this.#turn(now);
    return this.#peaks.length === 0 ? undefined : Math.max(...this.#peaks);
  }

  /** When the running hour is over. */
  nextAt(now: Millis): Millis {
    this.#turn(now);
    return ((this.#hour ?? 0) + 1) * HOUR_MS;
  }

  #turn(now: Millis): void {
    const hour = Math.floor(now / HOUR_MS);
    this.#hour ??= hour;
    // A clock that was set back stays in the running hour.
    for (let passed = Math.min(hour - this.#hour, HOURS); passed > 0; passed--) {
      this.#peaks.push(this.#running);
      if (this.#peaks.length > HOURS) this.#peaks.shift();
      this.#running = 0;
    }
    this.#hour = Math.max(this.#hour, hour);
  }
}
