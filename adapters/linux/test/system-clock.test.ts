import { expect, test } from "vitest";
import { systemClock } from "../src/index.ts";

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
