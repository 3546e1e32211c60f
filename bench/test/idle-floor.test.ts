import { expect, test } from "vitest";
import { idleFloor } from "../src/warm-policy/idle-floor.ts";

const MINUTE = 60_000;
const every = (minutes: number, count: number, size = 1): number[] =>
  Array.from({ length: count }, (_, index) => Array.from({ length: size }, () => index * minutes * MINUTE)).flat();

test("pods that come one by one need an address free for all but a hundredth of the time", () => {
  expect(idleFloor([every(7, 1_000)])).toBeCloseTo(0.99, 6);
  expect(idleFloor([every(7, 1_000), every(7, 1_000)])).toBeCloseTo(1.98, 6);
});

test("bursts need as many as they have pods; the last one saves as many pods as each other", () => {
  expect(idleFloor([every(7, 100, 5)])).toBeCloseTo(5 - 5 / 100, 6);
});

test("what saves the fewest pods is done without: a node that has next to none, and the top of a rare burst", () => {
  expect(idleFloor([every(7, 1_000), every(7, 5)])).toBeCloseTo(1 - 5.05 / 1_000, 6);
  const rare = [...every(7, 1_000), 9_000 * MINUTE, 9_000 * MINUTE, 9_000 * MINUTE];
  expect(idleFloor([rare])).toBeCloseTo(1 - (10.03 - 2) / 1_001, 6);
});

test("pods that come a second apart are no burst: EC2 may have given another address by then", () => {
  expect(idleFloor([[0, 1_000, 60_000, 61_000]])).toBeLessThanOrEqual(1);
});

test("nobody who comes needs nothing", () => {
  expect(idleFloor([])).toBe(0);
  expect(idleFloor([[]])).toBe(0);
});
