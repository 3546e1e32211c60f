/** Waiting times between tries: doubling from the first, never above the longest. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait after so many failures in a row (the first failure is 1).
 * @param jitter from [0, 1): spreads callers over the upper half of the wait.
 */
export function backOffMs(backOff: BackOff, failures: number, jitter: number): number {
  if (failures <= 0) return 0;
  // Beyond 2^30 doubling overflows nothing useful: the cap has long been reached.
  const doubled = backOff.firstMs * 2 ** Math.min(failures - 1, 30);
  const full = Math.min(doubled, backOff.longestMs);
  return Math.round(full / 2 + (full / 2) * jitter);
}
