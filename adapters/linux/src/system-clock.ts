import type { Clock, Millis } from "@slash28/ports";

/** The machine's clock, except that it never goes back; see `steady`. */
export const systemClock: Clock = {
  now: steady(
    () => Date.now(),
    () => performance.now(),
  ),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      }
    }),
};

/**
 * A wall clock that goes on at its pace when somebody sets it back, and follows when it is set forward: a rest, a pause or a look that is due in
 * half a minute must not come an hour late.
 *
 * @param wall milliseconds since the Unix epoch. @param running milliseconds since some moment, which nobody can set.
 */
export function steady(wall: () => Millis, running: () => number): () => Millis {
  let last = wall();
  let lastRunning = running();
  return () => {
    const nowRunning = running();
    last = Math.max(wall(), last + (nowRunning - lastRunning));
    lastRunning = nowRunning;
    return Math.floor(last);
  };
}
