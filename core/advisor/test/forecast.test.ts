import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { forecast, type FreeCount, type SubnetForecast } from "../src/forecast.ts";
import { trendOf } from "../src/trend.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const counts = (free: readonly number[], subnet = "subnet-a", stepMs = DAY): readonly FreeCount[] =>
  free.map((value, index) => ({ subnet, atMs: START + index * stepMs, free: value }));
const only = (history: readonly FreeCount[]): SubnetForecast => {
  const [one, ...others] = forecast(history);
  if (one === undefined || others.length > 0) throw new TypeError("not one subnet");
  return one;
};

describe("a subnet's forecast", () => {
  test("of two counts is the line through them, without an interval", () => {
    expect(only(counts([100, 90]))).toEqual({
      subnet: "subnet-a",
      counts: 2,
      spanMs: DAY,
      free: 90,
      changePerDay: expect.closeTo(-10),
      outlook: { kind: "runs-out", atMs: expect.closeTo(START + 10 * DAY, -2), timesTheHistory: expect.closeTo(9) },
    });
  });

  test("of five counts has an interval: of fewer none is to be had at 95 %", () => {
    expect(only(counts([100, 90, 80, 70])).changePerDayInterval).toBeUndefined();
    const five = only(counts([100, 91, 79, 70, 60]));
    expect(five.changePerDayInterval).toEqual({ low: expect.closeTo(-12), high: expect.closeTo(-9) });
    expect(five.outlook).toMatchObject({ kind: "runs-out", earliestMs: expect.any(Number), latestMs: expect.any(Number) });
  });

  test("one wild count does not move it", () => {
    const steady = only(counts([200, 190, 180, 170, 160, 150, 140, 130, 120]));
    const wild = only(counts([200, 190, 180, 170, 20, 150, 140, 130, 120]));
    expect(wild.changePerDay).toBeCloseTo(steady.changePerDay ?? 0, 1);
    expect(wild.outlook.kind === "runs-out" && Math.abs(wild.outlook.atMs - (START + 20 * DAY)) < DAY).toBe(true);
  });

  test("that becomes no fewer is not in sight, and may still be early in the worst case", () => {
    expect(only(counts([50, 50, 50])).outlook).toEqual({ kind: "not-in-sight" });
    expect(only(counts([50, 60, 70])).outlook).toEqual({ kind: "not-in-sight" });
    expect(only(counts([50, 47, 52, 46, 51, 50])).outlook).toMatchObject({ kind: "not-in-sight", earliestMs: expect.any(Number) });
  });

  test("that is empty is out now, and one count says nothing", () => {
    expect(only(counts([10, 0])).outlook).toEqual({ kind: "out-now" });
    expect(only(counts([10])).outlook).toEqual({ kind: "unknown", why: "one count" });
  });

  test("a fall of one in a long time is no date", () => {
    expect(only(counts([100_000, 99_999])).outlook).toEqual({ kind: "not-in-sight" });
  });

  test("comes in the order of urgency, and two counts at one time are the later told", () => {
    const history = [
      ...counts([9, 9], "flat"),
      ...counts([9], "once"),
      ...counts([50, 40], "soon"),
      ...counts([500, 490], "later"),
      ...counts([3, 0], "now"),
    ];
    expect(forecast(history).map(({ subnet }) => subnet)).toEqual(["now", "soon", "later", "flat", "once"]);
    expect(only([...counts([7]), ...counts([5])])).toMatchObject({ counts: 1, free: 5 });
  });

  const someCounts = fc.array(fc.record({ at: fc.integer({ min: 0, max: 10_000 }), free: fc.integer({ min: 0, max: 5_000 }) }), {
    minLength: 1,
    maxLength: 30,
  });
  const asHistory = (given: readonly { readonly at: number; readonly free: number }[]): readonly FreeCount[] =>
    given.map(({ at, free }) => ({ subnet: "s", atMs: START + at * 60_000, free }));

  property.prop([someCounts])("never lies in the past, and its interval holds it", (given) => {
    const history = asHistory(given);
    const { outlook, changePerDay, changePerDayInterval } = only(history);
    const end = Math.max(...history.map(({ atMs }) => atMs));
    if (changePerDayInterval !== undefined && changePerDay !== undefined) {
      expect(changePerDayInterval.low).toBeLessThanOrEqual(changePerDay);
      expect(changePerDayInterval.high).toBeGreaterThanOrEqual(changePerDay);
    }
    if (outlook.kind !== "runs-out") return;
    expect(outlook.atMs).toBeGreaterThanOrEqual(end);
    expect(outlook.timesTheHistory).toBeGreaterThanOrEqual(0);
  });

  property.prop([someCounts, fc.integer({ min: 1, max: 1_000 })])(
    "does not depend on the order of counts, nor on when they were",
    (given, days) => {
      const history = asHistory(given.filter((one, index) => given.findIndex(({ at }) => at === one.at) === index));
      expect(forecast(history.toReversed())).toEqual(forecast(history));
      const later = only(history.map((count) => ({ ...count, atMs: count.atMs + days * DAY })));
      expect(later.outlook.kind).toBe(only(history).outlook.kind);
    },
  );

  property.prop([fc.integer({ min: 5, max: 60 }), fc.integer({ min: 1, max: 50 })])(
    "of a straight line is that line, whatever its steepness",
    (length, perDay) => {
      const told = only(counts(Array.from({ length }, (_, index) => perDay * (2 * length - index))));
      expect(told.changePerDay).toBeCloseTo(-perDay, 6);
      expect(told.changePerDayInterval?.low).toBeCloseTo(-perDay, 6);
      expect(told.outlook.kind === "runs-out" && told.outlook.atMs / DAY).toBeCloseTo(START / DAY + 2 * length, 3);
    },
  );
});

/** Reproducible noise: a line with errors that a generator of the test draws. */
function noisy(seed: number, length: number): readonly { readonly atMs: number; readonly value: number }[] {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length }, (_, index) => ({ atMs: index, value: -3 * index + 20 * (next() + next() + next() - 1.5) }));
}

test.each([5, 8, 20, 61])("of %i noisy points the interval holds the true slope as often as it says", (length) => {
  const trials = 400;
  const held = Array.from({ length: trials }, (_, seed) => trendOf(noisy(seed * 7919 + 1, length))?.interval).filter(
    (interval) => interval !== undefined && interval.low <= -3 && interval.high >= -3,
  ).length;
  // 95 %, less four standard errors of so many trials.
  expect(held / trials).toBeGreaterThan(0.95 - 4 * Math.sqrt((0.95 * 0.05) / trials));
});
