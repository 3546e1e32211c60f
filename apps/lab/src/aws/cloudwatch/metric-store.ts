/** A metric's name and dimensions; the order of dimensions does not matter. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: ReadonlyArray<readonly [name: string, value: string]>;
}

/** What of a minute is kept: enough for the five plain statistics. */
export interface Sample {
  /** Start of the minute, milliseconds since the epoch. */
  readonly at: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export interface Series extends MetricId {
  readonly unit: string | undefined;
  /** Oldest first. */
  readonly samples: readonly Sample[];
}

export interface MetricStore {
  /** Adds one value or a set of values to the minute it belongs to. `false` when there are too many metrics already. */
  add(metric: MetricId, sample: Sample, unit: string | undefined): boolean;
  find(metric: MetricId): Series | undefined;
  all(): readonly Series[];
}

export const MINUTE_MS = 60_000;
/** A day of minutes is kept. */
const SAMPLES_MAX = 1_440;
/** New metrics beyond these are refused; those that are there go on. */
const SERIES_MAX = 10_000;

/** Metrics in memory, bounded in number and age, a minute being the finest grain. */
export function createMetricStore(): MetricStore {
  const series = new Map<string, Series & { samples: Sample[]; unit: string | undefined }>();
  return {
    add(metric, sample, unit) {
      const key = keyOf(metric);
      let found = series.get(key);
      if (found === undefined) {
        if (series.size >= SERIES_MAX) return false;
        series.set(key, (found = { ...metric, unit, samples: [] }));
      }
      found.unit = unit ?? found.unit;
      put(found.samples, sample);
      return true;
    },
    find: (metric) => series.get(keyOf(metric)),
    all: () => [...series.values()],
  };
}

/** Statistics of the samples of each period in a span of time, oldest first; periods without samples are left out. */
export function periodsOf(
  samples: readonly Sample[],
  span: { readonly startMs: number; readonly endMs: number; readonly periodMs: number },
): readonly Sample[] {
  const { startMs, endMs, periodMs } = span;
  const periods = new Map<number, Sample>();
  for (const sample of samples) {
    if (sample.at < startMs || sample.at >= endMs) continue;
    const at = startMs + Math.floor((sample.at - startMs) / periodMs) * periodMs;
    const before = periods.get(at);
    periods.set(at, before === undefined ? { ...sample, at } : merged(before, sample));
  }
  return [...periods.values()].sort((a, b) => a.at - b.at);
}

function put(samples: Sample[], sample: Sample): void {
  const at = sample.at - (sample.at % MINUTE_MS);
  const index = samples.findLastIndex((candidate) => candidate.at <= at);
  const before = samples[index];
  if (before?.at === at) samples[index] = merged(before, sample);
  else samples.splice(index + 1, 0, { ...sample, at });
  if (samples.length > SAMPLES_MAX) samples.shift();
}

function merged(a: Sample, b: Sample): Sample {
  return { at: a.at, count: a.count + b.count, sum: a.sum + b.sum, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, dimensions.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
