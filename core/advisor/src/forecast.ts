import { medianOf, trendOf, type Point } from "./trend.ts";

/** How many addresses a subnet had free, and when. */
export interface FreeCount {
  readonly subnet: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly free: number;
}

/** When a subnet runs out, as far as its history tells. */
export interface SubnetForecast {
  readonly subnet: string;
  readonly counts: number;
  /** From the first count to the last. */
  readonly spanMs: number;
  /** The last count. */
  readonly free: number;
  /** Addresses that become free a day; negative where they become fewer. Absent for one count. */
  readonly changePerDay?: number;
  /** With a probability of 95 % at least; absent where so few counts say nothing of it. */
  readonly changePerDayInterval?: { readonly low: number; readonly high: number };
  readonly outlook: Outlook;
}

export type Outlook =
  | { readonly kind: "out-now" }
  | {
      readonly kind: "runs-out";
      readonly atMs: number;
      /** With a probability of 95 % at least not before; absent without an interval. */
      readonly earliestMs?: number;
      /** Likewise not after; absent where the history does not exclude that it never runs out. */
      readonly latestMs?: number;
      /** How much further ahead that is than the history reaches back: above 1 it is a guess that all stays as it was. */
      readonly timesTheHistory: number;
    }
  /** Addresses do not become fewer, or so slowly that the history cannot tell. */
  | { readonly kind: "not-in-sight"; readonly earliestMs?: number }
  | { readonly kind: "unknown"; readonly why: "one count" };

const DAY_MS = 86_400_000;
/** Further ahead than this many times the history, a line says nothing. */
const SIGHT = 100;

/** Every subnet's forecast, the first to run out first; subnets of which nothing is known last. */
export function forecast(history: readonly FreeCount[]): readonly SubnetForecast[] {
  const bySubnet = new Map<string, Map<number, FreeCount>>();
  for (const count of history) bySubnet.set(count.subnet, (bySubnet.get(count.subnet) ?? new Map()).set(count.atMs, count));
  const forecasts = [...bySubnet].map(([subnet, counts]) =>
    ofSubnet(
      subnet,
      [...counts.values()].toSorted((a, b) => a.atMs - b.atMs),
    ),
  );
  return forecasts.toSorted((a, b) => urgency(a) - urgency(b) || (a.subnet < b.subnet ? -1 : 1));
}

function ofSubnet(subnet: string, counts: readonly FreeCount[]): SubnetForecast {
  const [first, last] = [counts[0], counts.at(-1)];
  if (first === undefined || last === undefined) throw new TypeError(`${subnet} has no count`);
  const seen = { subnet, counts: counts.length, spanMs: last.atMs - first.atMs, free: last.free };
  const points = counts.map(({ atMs, free }): Point => ({ atMs, value: free }));
  const trend = trendOf(points);
  if (trend === undefined) return { ...seen, outlook: last.free === 0 ? { kind: "out-now" } : { kind: "unknown", why: "one count" } };
  const { slope, interval } = trend;
  return {
    ...seen,
    changePerDay: slope * DAY_MS,
    ...(interval === undefined ? {} : { changePerDayInterval: { low: interval.low * DAY_MS, high: interval.high * DAY_MS } }),
    outlook: last.free === 0 ? { kind: "out-now" } : outlookOf(points, trend, { endMs: last.atMs, spanMs: seen.spanMs }),
  };
}

interface Reach {
  readonly endMs: number;
  readonly spanMs: number;
}

function outlookOf(points: readonly Point[], { slope, interval }: NonNullable<ReturnType<typeof trendOf>>, reach: Reach): Outlook {
  const sightMs = reach.endMs + SIGHT * reach.spanMs;
  const inSight = (atMs: number | undefined): number | undefined => (atMs !== undefined && atMs <= sightMs ? atMs : undefined);
  const atMs = inSight(emptyAt(points, slope, reach.endMs));
  const earliestMs = interval === undefined ? undefined : inSight(emptyAt(points, interval.low, reach.endMs));
  const latestMs = interval === undefined ? undefined : inSight(emptyAt(points, interval.high, reach.endMs));
  const early = earliestMs === undefined ? {} : { earliestMs };
  if (atMs === undefined) return { kind: "not-in-sight", ...early };
  const timesTheHistory = (atMs - reach.endMs) / reach.spanMs;
  return { kind: "runs-out", atMs, ...early, ...(latestMs === undefined ? {} : { latestMs }), timesTheHistory };
}

/** When a line of this slope through the middle of the points is at 0, from the end of the history on; `undefined`: never. */
function emptyAt(points: readonly Point[], slope: number, endMs: number): number | undefined {
  if (slope >= 0) return undefined;
  const level = medianOf(points.map(({ atMs, value }) => value + slope * (endMs - atMs)).toSorted((a, b) => a - b));
  return endMs + Math.max(0, level) / -slope;
}

function urgency({ outlook }: SubnetForecast): number {
  switch (outlook.kind) {
    case "out-now":
      return Number.NEGATIVE_INFINITY;
    case "runs-out":
      return outlook.atMs;
    case "not-in-sight":
      return Number.MAX_SAFE_INTEGER - 1;
    case "unknown":
      return Number.MAX_SAFE_INTEGER;
    default:
      return outlook satisfies never;
  }
}
