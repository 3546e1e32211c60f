import type { Millis } from "@slash28/ipam";
import type { Timeline } from "./timeline.ts";

/** The part of an `AbortSignal` that a sleeper needs. */
interface Signal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A process's clock: it fits the `Clock` port. */
export interface VirtualClock {
  now(): Millis;
  sleep(ms: number, signal?: Signal): Promise<void>;
}

/**
 * The clock of one process. What the machine's clock was set to is read when the process starts; from then on it only goes forward, as the
 * real agent's does. Sleepers of a process that ended never wake.
 */
export function createVirtualClock(timeline: Timeline, offsetMs: number, isOver: () => boolean): VirtualClock {
  return {
    now: () => timeline.now + offsetMs,
    sleep(ms, signal) {
      if (signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        let isAwake = false;
        const wake = (): void => {
          isAwake = true;
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        signal?.addEventListener("abort", wake, { once: true });
        timeline.schedule(ms, { label: "timer", isVoid: () => isAwake || isOver(), fire: wake });
      });
    },
  };
}
