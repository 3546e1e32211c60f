import { expect, test } from "vitest";
import { DemandMemory } from "../src/demand-memory.ts";
import { T0 } from "./a-node.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** So many pods within the same tenth of a second. */
function burst(memory: DemandMemory, pods: number, at: number, usedBefore = 0): void {
  for (let pod = 0; pod < pods; pod++) memory.asked(usedBefore + pod + 1, at + pod);
}

test("nothing is known in the first hour", () => {
  const memory = new DemandMemory();
  memory.asked(1, T0);
  expect(memory.forecast(1, T0 + HOUR - 1).state).toBe("learning");
  expect(memory.forecast(1, T0 + HOUR).state).toBe("known");
});

test("one pod at a time needs one free address, bursts as many as they are large", () => {
  const memory = new DemandMemory();
  for (let pod = 0; pod < 50; pod++) memory.asked(1, T0 + pod * MINUTE);
  expect(memory.forecast(1, T0 + 2 * HOUR).atOnce).toEqual({ assign: 1, attach: 1 });
  burst(memory, 6, T0 + 2 * HOUR);
  expect(memory.forecast(6, T0 + 3 * HOUR).atOnce).toEqual({ assign: 6, attach: 6 });
});

test("a burst that was larger than any before surprises for ten minutes, and as large a one later does not", () => {
  const memory = new DemandMemory();
  memory.asked(1, T0);
  const at = T0 + 2 * HOUR;
  burst(memory, 5, at);
  expect(memory.forecast(5, at + MINUTE).state).toBe("surprised");
  expect(memory.forecast(5, at + 11 * MINUTE).state).toBe("known");
  burst(memory, 5, at + 20 * MINUTE);
  expect(memory.forecast(5, at + 21 * MINUTE).state).toBe("known");
});

test("a burst half a day ago counts half: single pods outweigh it in the end", () => {
  const memory = new DemandMemory();
  burst(memory, 4, T0);
  expect(memory.forecast(4, T0 + HOUR).atOnce.assign).toBe(4);
  for (let pod = 0; pod < 4 * 24 * 60; pod++) memory.asked(1, T0 + HOUR + pod * MINUTE);
  expect(memory.forecast(1, T0 + 97 * HOUR).atOnce.assign).toBe(1);
});

test("three bursts at equal intervals tell when the next is due; it is not expected before, and forgotten when it does not come", () => {
  const memory = new DemandMemory();
  for (const at of [0, 1, 2]) burst(memory, 8, T0 + at * HOUR);
  const last = T0 + 2 * HOUR;
  expect(memory.forecast(8, last + MINUTE).nextBurst).toBeUndefined();
  const between = memory.forecast(8, last + 6 * MINUTE);
  expect(between.betweenBursts.assign).toBe(0);
  expect(between.nextBurst?.everyMs).toBe(HOUR);
  expect(between.nextBurst?.from).toBeLessThanOrEqual(last + HOUR - 20 * SECOND);
  expect(between.nextBurst?.from).toBeGreaterThan(last + 55 * MINUTE);
  expect(memory.forecast(8, last + HOUR + 10 * MINUTE).nextBurst).toBeUndefined();
});

test("bursts at unequal intervals tell nothing", () => {
  const memory = new DemandMemory();
  for (const at of [0, 60, 140]) burst(memory, 8, T0 + at * MINUTE);
  expect(memory.forecast(8, T0 + 150 * MINUTE).nextBurst).toBeUndefined();
});

test("a burst that came before it was expected makes one more regular one necessary", () => {
  const memory = new DemandMemory();
  for (const at of [0, 60, 120, 150]) burst(memory, 8, T0 + at * MINUTE);
  const regular = [210, 270];
  for (const at of regular) burst(memory, 8, T0 + at * MINUTE);
  expect(memory.forecast(8, T0 + 280 * MINUTE).nextBurst).toBeUndefined();
  burst(memory, 8, T0 + 330 * MINUTE);
  expect(memory.forecast(8, T0 + 340 * MINUTE).nextBurst?.everyMs).toBe(HOUR);
});

test("the batches of a rollout are one burst", () => {
  const memory = new DemandMemory();
  for (const wave of [0, 1, 2]) for (const batch of [0, 1, 2, 3]) burst(memory, 8, T0 + 2 * wave * HOUR + batch * 30 * SECOND);
  expect(memory.forecast(8, T0 + 4 * HOUR + 10 * MINUTE).nextBurst?.everyMs).toBe(2 * HOUR);
});

test("the peak is that of the last 24 whole hours", () => {
  const memory = new DemandMemory();
  burst(memory, 9, T0);
  memory.asked(3, T0 + 2 * HOUR);
  expect(memory.forecast(3, T0 + 3 * HOUR).peakUsed).toBe(9);
  expect(memory.forecast(3, T0 + 23 * HOUR).peakUsed).toBe(9);
  expect(memory.forecast(3, T0 + 26 * HOUR).peakUsed).toBe(3);
});

test("what changes by itself is told, in whole milliseconds", () => {
  const memory = new DemandMemory();
  for (const at of [0, 1, 2]) burst(memory, 8, T0 + at * 67 * MINUTE + 7);
  for (let now = T0; now < T0 + 5 * HOUR;) {
    const { changesAt } = memory.forecast(8, now);
    expect(changesAt).toBeGreaterThan(now);
    expect(Number.isInteger(changesAt)).toBe(true);
    now = changesAt;
  }
});

test("a clock that was set back makes the node learn anew", () => {
  const memory = new DemandMemory();
  memory.asked(1, T0);
  expect(memory.forecast(1, T0 + 2 * HOUR).state).toBe("known");
  expect(memory.forecast(1, T0 - HOUR).state).toBe("learning");
});
