import { expect, test } from "vitest";
import { linearFit } from "../src/fleet-simulation/linear-fit.ts";
import { play } from "../src/fleet-simulation/play-day.ts";

test("the line through points on a line explains them all; a parabola is none", () => {
  const line = [1, 2, 4, 8].map((x) => ({ x, y: 3 + 2 * x }));
  expect(linearFit(line)).toEqual({ slope: 2, intercept: 3, r2: 1 });
  expect(linearFit([1, 2, 4, 8].map((x) => ({ x, y: x * x }))).r2).toBeLessThan(0.97);
});

test("a day of a fleet has about the pod events that were asked for, and every pod runs", () => {
  const env = { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" };
  const day = play({ nodes: 30, podEvents: 6_000, env, throttling: true });
  expect(day.podsNeverStarted).toBe(0);
  expect(Math.abs(day.podEvents / 6_000 - 1)).toBeLessThan(0.2);
});
