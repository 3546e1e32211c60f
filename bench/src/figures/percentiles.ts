import type { Aim, Figure, Unit } from "./figure.ts";

/** The smallest sample that at least this share of all samples does not exceed (nearest rank). `share` is in (0, 1]. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new RangeError("there are no samples");
  return found;
}

export function mean(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError("there are no samples");
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

/** The median and the 99th percentile of the samples, as figures called `<name> p50` and `<name> p99`. */
export function spread(
  name: string,
  samples: readonly number[],
  {
    unit = "ms",
    aims = {},
    note,
  }: { readonly unit?: Unit; readonly aims?: { readonly p50?: Aim; readonly p99?: Aim }; readonly note?: string } = {},
): readonly Figure[] {
  const { p50, p99 } = aims;
  return [
    {
      name: `${name} p50`,
      value: percentile(samples, 0.5),
      unit,
      ...(p50 === undefined ? {} : { aim: p50 }),
      ...(note === undefined ? {} : { note }),
    },
    { name: `${name} p99`, value: percentile(samples, 0.99), unit, ...(p99 === undefined ? {} : { aim: p99 }) },
  ];
}
