import { expect, test } from "vitest";
import { systemClock } from "../src/index.ts";
import { steady } from "../src/system-clock.ts";

test("sleep ends at once when its signal fires, before or during it", async () => {
  const hour = 3_600_000;
  const controller = new AbortController();
  const during = systemClock.sleep(hour, controller.signal);
  controller.abort();
  await during;
  await systemClock.sleep(hour, controller.signal);
  expect(controller.signal.aborted).toBe(true);
});

test("sleep lets time pass", async () => {
  const before = systemClock.now();
  await systemClock.sleep(2);
  expect(systemClock.now()).toBeGreaterThan(before);
});

test("a clock that is set back goes on, and one that is set forward is followed", () => {
  let [wall, running] = [1_000_000, 5];
  const now = steady(
    () => wall,
    () => running,
  );
  const pass = (ms: number, setMs = 0): number => {
    wall += ms + setMs;
    running += ms;
    return now();
  };
  expect(pass(10)).toBe(1_000_010);
  expect(pass(10, -3_600_000)).toBe(1_000_020);
  expect(pass(10)).toBe(1_000_030);
  expect(pass(10, 3_600_000)).toBe(1_000_040);
  expect(pass(10, 3_600_000)).toBe(4_600_050);
  expect(pass(0.7)).toBe(4_600_050);
});
