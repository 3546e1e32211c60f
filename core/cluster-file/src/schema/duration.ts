import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const HOW = "write a number and its unit, such as 30s, 90m, 24h or 1h30m (ms, s, m, h, d)";

/** Milliseconds of a duration as people write it, `24h` or `1h30m`, rounded to whole ones; `undefined` for any other text. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(PART)) total += Number(amount) * (UNITS[unit] ?? 0);
  return Math.round(total);
}

/** Milliseconds of a duration that the schema has let through. */
export function durationMs(text: string): number {
  const found = parseDuration(text);
  if (found === undefined) throw new RangeError(`${JSON.stringify(text)} is no duration`);
  return found;
}

/** A duration in a file. It stays text, so that a checked file can be written down and read again. */
export const duration = z
  .string({
    error: ({ input }) => (typeof input === "number" ? `${input} has no unit: ${HOW}` : undefined),
  })
  .regex(DURATION, { error: ({ input }) => `${JSON.stringify(input)} is not a duration: ${HOW}` });
