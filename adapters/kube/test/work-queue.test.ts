import { createManualClock, settle } from "@slash28/testkit";
import { expect, test } from "vitest";
import { createWorkQueue } from "../src/index.ts";

test("a key added many times before its turn gets one, and one more for what came during it", async () => {
  const turns: string[] = [];
  const gate: (() => void)[] = [];
  const work = (key: string): Promise<void> => {
    turns.push(key);
    return new Promise((resolve) => gate.push(() => resolve()));
  };
  const queue = createWorkQueue({ clock: createManualClock(), random: () => 0, work });
  for (const key of ["a", "a", "b", "a"]) queue.add(key);
  await settle();
  expect(turns).toEqual(["a", "b"]);
  queue.add("a");
  queue.add("a");
  await settle();
  expect(turns).toEqual(["a", "b"]);
  gate[0]?.();
  await settle();
  expect(turns).toEqual(["a", "b", "a"]);
  for (const open of gate) open();
  await queue.idle();
});

test("no more keys at once than workers", async () => {
  let running = 0;
  let most = 0;
  const queue = createWorkQueue({
    clock: createManualClock(),
    random: () => 0,
    workers: 3,
    work: async () => {
      most = Math.max(most, ++running);
      await settle(1);
      running--;
    },
  });
  for (let i = 0; i < 20; i++) queue.add(`k${i}`);
  await settle();
  await queue.idle();
  expect(most).toBe(3);
});

test("failed work comes back with growing pauses; success forgets the failures", async () => {
  const clock = createManualClock();
  const start = clock.now();
  const at: number[] = [];
  const queue = createWorkQueue({
    clock,
    random: () => 1,
    backOff: { firstMs: 100, longestMs: 1_000 },
    work: async () => {
      at.push(clock.now() - start);
      if (at.length < 4) throw new Error("not yet");
    },
  });
  queue.add("a");
  await settle();
  await clock.advance(5_000);
  expect(at).toEqual([0, 100, 300, 700]);
  queue.add("a");
  await settle();
  expect(at).toHaveLength(5);
});

test("of several alarms for a key only the earliest rings, and stopping silences it", async () => {
  const clock = createManualClock();
  let turns = 0;
  const queue = createWorkQueue({ clock, random: () => 0, work: async () => void turns++ });
  queue.addAfter("a", 500);
  queue.addAfter("a", 100);
  queue.addAfter("a", 300);
  expect(clock.sleepers).toBe(1);
  await clock.advance(1_000);
  expect(turns).toBe(1);
  queue.addAfter("a", 100);
  await queue.stop();
  expect(clock.sleepers).toBe(0);
  await clock.advance(1_000);
  expect(turns).toBe(1);
});
