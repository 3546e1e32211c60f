import { z } from "zod";

const PER_HOUR: Readonly<Record<string, number>> = { s: 3_600, m: 60, min: 60, h: 1, d: 1 / 24 };
const RATE = /^(\d+(?:\.\d+)?)\/(s|min|m|h|d)$/;
const HOW = "write how many in which time, such as 50/h or 2/min (s, min, h, d)";

/** How often an hour, of a rate as people write it, `50/h`; `undefined` for any other text. */
export function parseRate(text: string): number | undefined {
  const [, amount, unit] = RATE.exec(text) ?? [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * (PER_HOUR[unit] ?? 0);
}

/** How often an hour, of a rate that the schema has let through. */
export function ratePerHour(text: string): number {
  const found = parseRate(text);
  if (found === undefined) throw new RangeError(`${JSON.stringify(text)} is no rate`);
  return found;
}

export const rate = z
  .string({ error: ({ input }) => (typeof input === "number" ? `${input} is in no time: ${HOW}` : undefined) })
  .regex(RATE, { error: ({ input }) => `${JSON.stringify(input)} is not a rate: ${HOW}` });
