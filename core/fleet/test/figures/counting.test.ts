import { expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import { Gauge } from "../../src/figures/gauge.ts";
import { StartTimes } from "../../src/figures/start-times.ts";

test("a gauge knows its average over time, and no peak of what came and went in no time", () => {
  const gauge = new Gauge();
  gauge.add(10, 0);
  gauge.add(5, 100);
  gauge.add(-5, 100);
  gauge.add(10, 300);
  gauge.add(-20, 400);
  expect([gauge.peak, gauge.average(500), gauge.value]).toEqual([20, (10 * 300 + 20 * 100) / 500, 0]);
});

property.prop([fc.array(fc.record({ at: fc.nat(1_000), delta: fc.integer({ min: -5, max: 5 }) }), { maxLength: 50 })])(
  "the average does not depend on when a change is noticed",
  (changes) => {
    const inOrder = new Gauge();
    const asNoticed = new Gauge();
    for (const { at, delta } of changes.toSorted((a, b) => a.at - b.at)) inOrder.add(delta, at);
    for (const { at, delta } of changes) asNoticed.add(delta, at);
    expect(asNoticed.average(1_000)).toBeCloseTo(inOrder.average(1_000), 9);
    expect(asNoticed.value).toBe(inOrder.value);
  },
);

const durations = fc.array(fc.oneof(fc.nat(50), fc.nat(65_535), fc.integer({ min: 65_536, max: 100_000_000 })), {
  minLength: 1,
  maxLength: 400,
});

property.prop([durations])("percentiles are those of the sorted list: to the millisecond below 65 s, within 0.4 % above", (list) => {
  const times = new StartTimes();
  for (const ms of list) times.add(ms);
  const sorted = list.toSorted((a, b) => a - b);
  const { p50, p90, p99 } = times.percentiles();
  for (const [share, found] of [
    [0.5, p50],
    [0.9, p90],
    [0.99, p99],
  ] as const) {
    const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    expect(found).toBeLessThanOrEqual(exact);
    expect(found).toBeGreaterThanOrEqual(exact < 65_536 ? exact : exact * (1 - 1 / 256));
  }
  expect(times.bars().reduce((sum, { pods }) => sum + pods, 0)).toBe(list.length);
});
