import type { CountOrPercent } from "./workload.ts";

/** A count as it is, a percentage as its share of `total`; what is neither counts as 0. */
export function scaledCount(value: CountOrPercent, total: number, rounding: "up" | "down"): number {
  if (typeof value === "number") return value;
  const match = /^(\d+)(%?)$/.exec(value);
  if (match === null) return 0;
  const number = Number(match[1]);
  if (match[2] === "") return number;
  const share = (number * total) / 100;
  return rounding === "up" ? Math.ceil(share) : Math.floor(share);
}
