import type { Millis } from "./reservation.ts";

const HOUR_MS = 3_600_000;
export const HOURS = 24;

/** The running hour, as hours since 1970, with its most; and the most of each hour before, the oldest first. */
export interface SeenPeaks {
  readonly hour: number;
  readonly running: number;
  readonly before: readonly number[];
}

/** The most of something in each of the last 24 hours, the running one apart. */
export class HourlyPeaks {
  #peaks: number[] = [];
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

  seen(now: Millis): SeenPeaks {
    this.#turn(now);
    return { hour: this.#hour ?? 0, running: this.#running, before: [...this.#peaks] };
  }

  /** Takes over what another one had seen up to a while ago. */
  recall({ hour, running, before }: SeenPeaks, now: Millis): void {
    const own = this.#running;
    this.#hour = hour;
    this.#running = running;
    this.#peaks = [...before];
    this.note(own, now);
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
