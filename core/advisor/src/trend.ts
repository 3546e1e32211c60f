/** One count at one time. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

export interface Trend {
  /** Change per millisecond: the median of the slopes between every two points (Theil 1950, Sen 1968); a few wild points do not move it. */
  readonly slope: number;
  /** Slopes that hold with a probability of 95 % at least. Absent: so few points say nothing of it. */
  readonly interval?: { readonly low: number; readonly high: number };
}

/** More points than this are thinned evenly: pairs grow with the square. */
export const POINTS_MAX = 500;
const EITHER_SIDE = 0.025;
/** Above so many points the normal approximation of the distribution is as good as the distribution. */
const EXACT_MAX = 60;
/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959_964;

/** The trend of points at different times, in any order; `undefined` for less than two. */
export function trendOf(points: readonly Point[]): Trend | undefined {
  const some = thinned(points.toSorted((a, b) => a.atMs - b.atMs));
  const slopes = slopesOf(some);
  if (slopes.length === 0) return undefined;
  const slope = medianOf(slopes);
  const outer = pairsOutside(some.length);
  const [low, high] = [slopes[outer - 1], slopes[slopes.length - outer]];
  return low === undefined || high === undefined ? { slope } : { slope, interval: { low, high } };
}

/** The middle of sorted numbers. */
export function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2 : (sorted[Math.floor(middle)] ?? 0);
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= POINTS_MAX) return points;
  const step = (points.length - 1) / (POINTS_MAX - 1);
  return Array.from({ length: POINTS_MAX }, (_, index) => points[Math.round(index * step)]).filter((point) => point !== undefined);
}

function slopesOf(points: readonly Point[]): readonly number[] {
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) if (b.atMs > a.atMs) slopes.push((b.value - a.value) / (b.atMs - a.atMs));
  }
  return slopes.sort((a, b) => a - b);
}

/**
 * How many slopes at either end may be left out: as many as pairs would be in the wrong order by chance, in one case of forty (Kendall's
 * distribution). 0: not even the outermost slopes bound the true one that surely, which is so below five points.
 */
function pairsOutside(count: number): number {
  if (count > EXACT_MAX) {
    const pairs = (count * (count - 1)) / 2;
    const spread = Z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
    return Math.max(0, Math.floor((pairs - spread) / 2));
  }
  let below = 0;
  let outside = 0;
  for (const share of inversionShares(count)) {
    below += share;
    if (below > EITHER_SIDE) return outside;
    outside++;
  }
  return outside;
}

/** By number of pairs in the wrong order: the share of all orders of so many things that have it. */
function inversionShares(count: number): readonly number[] {
  let shares = [1];
  for (let size = 2; size <= count; size++) {
    const next = Array.from({ length: shares.length + size - 1 }, () => 0);
    for (const [inversions, share] of shares.entries()) {
      for (let more = 0; more < size; more++) next[inversions + more] = (next[inversions + more] ?? 0) + share / size;
    }
    shares = next;
  }
  return shares;
}
