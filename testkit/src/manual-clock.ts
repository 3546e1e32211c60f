import type { CancelSignal, Clock, Millis } from "@slash28/ports";

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves time on and wakes every sleeper whose time has come, the earliest first; each gets its turn before time goes on. */
  advance(ms: number): Promise<void>;
  /** Sleepers that still wait. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly until: Millis;
  readonly wake: () => void;
}

export function createManualClock(start: Millis = Date.UTC(2030, 0, 1)): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  const earliest = (): Sleeper | undefined =>
    [...sleepers].reduce<Sleeper | undefined>((a, b) => (a === undefined || b.until < a.until ? b : a), undefined);
  return {
    now: () => now,
    sleep: (ms, signal) => sleepUntil(sleepers, now + ms, signal),
    async advance(ms) {
      const end = now + ms;
      for (let next = earliest(); next !== undefined && next.until <= end; next = earliest()) {
        now = Math.max(now, next.until);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      now = end;
      await settle();
    },
    get sleepers() {
      return sleepers.size;
    },
  };
}

function sleepUntil(sleepers: Set<Sleeper>, until: Millis, signal: CancelSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const sleeper = { until, wake: () => finish() };
    const finish = (): void => {
      sleepers.delete(sleeper);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    signal?.addEventListener("abort", finish, { once: true });
    sleepers.add(sleeper);
  });
}

/** Lets everything that is ready run: promises and whatever they start, over a few turns of the event loop. */
export async function settle(turns = 5): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
