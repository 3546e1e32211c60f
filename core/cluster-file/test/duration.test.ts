import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { countOf, durationMs, parseDuration, parseRate, ratePerHour } from "../src/index.ts";

test.each([
  ["0s", 0],
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5h", 5_400_000],
  ["1h30m", 5_400_000],
  ["24h", 86_400_000],
  ["2d", 172_800_000],
  ["0.3s", 300],
])("%s is %i ms", (text, wanted) => {
  expect([parseDuration(text), durationMs(text)]).toEqual([wanted, wanted]);
});

test.each(["", "24", "h", "-1h", "1 h", "1:30", "1h 30m", "1e3s", "24hours", "1w"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
  expect(() => durationMs(text)).toThrow(RangeError);
});

property.prop([fc.array(fc.tuple(fc.nat(10_000), fc.constantFrom("d", "h", "m", "s", "ms")), { minLength: 1, maxLength: 5 })])(
  "a duration is the sum of its parts",
  (parts) => {
    const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
    const wanted = parts.reduce((sum, [amount, unit]) => sum + amount * units[unit], 0);
    expect(parseDuration(parts.map(([amount, unit]) => `${amount}${unit}`).join(""))).toBe(wanted);
  },
);

test.each([
  ["50/h", 50],
  ["2/min", 120],
  ["0.5/s", 1_800],
  ["24/d", 1],
])("%s is %d an hour", (text, wanted) => {
  expect([parseRate(text), ratePerHour(text)]).toEqual([wanted, wanted]);
});

test.each(["50", "50/", "/h", "50 / h", "50/hour", "-1/h"])("%j is no rate", (text) => {
  expect(parseRate(text)).toBeUndefined();
});

test("a share of pods rounds as Kubernetes does: surge up, unavailability down", () => {
  expect([countOf("25%", 10, "up"), countOf("25%", 10, "down"), countOf(3, 10, "down"), countOf("100%", 7, "up")]).toEqual([3, 2, 3, 7]);
});
