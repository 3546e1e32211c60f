import { expect, test } from "vitest";
import { assert, double, array, property } from "fast-check";
import { mean, percentile, spread } from "../src/figures/percentiles.ts";

const samples = array(double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });

test("the nearest rank of ten samples", () => {
  const ten = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
  expect([0.1, 0.5, 0.51, 0.99, 1].map((share) => percentile(ten, share))).toEqual([1, 5, 6, 10, 10]);
});

test("the 99th percentile of 330 samples leaves the worst three out", () => {
  const many = Array.from({ length: 330 }, (_, at) => at + 1);
  expect(percentile(many, 0.99)).toBe(327);
});

test("no samples have no percentile and no mean", () => {
  expect(() => percentile([], 0.5)).toThrow("no samples");
  expect(() => mean([])).toThrow("no samples");
});

test("a percentile is one of the samples, and at least that share is not above it", () => {
  assert(
    property(samples, double({ min: 0.001, max: 1, noNaN: true }), (values, share) => {
      const found = percentile(values, share);
      expect(values).toContain(found);
      expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * values.length - 1e-9);
    }),
  );
});

test("percentiles grow with the share", () => {
  assert(property(samples, (values) => percentile(values, 0.5) <= percentile(values, 0.99)));
});

test("a spread is two figures; the note stands once, each aim with its own", () => {
  expect(spread("ADD", [1, 2, 3], { aims: { p99: { most: 25 } }, note: "cold" })).toEqual([
    { name: "ADD p50", value: 2, unit: "ms", note: "cold" },
    { name: "ADD p99", value: 3, unit: "ms", aim: { most: 25 } },
  ]);
});
