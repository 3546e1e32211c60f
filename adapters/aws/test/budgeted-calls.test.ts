import { Fault } from "@slash28/ports";
import { describe, expect, test } from "vitest";
import { createBudgetedCalls } from "../src/index.ts";
import { stillClock } from "./loopback.ts";

const throttled = (): Promise<never> => Promise.reject(new Fault("EC2_THROTTLED", { api: "Assign" }));
const done = (): Promise<string> => Promise.resolve("done");

function budgeted(draw = 0.999) {
  const clock = stillClock();
  return { clock, calls: createBudgetedCalls({ clock, random: () => draw }) };
}

describe("the budget of a node's EC2 calls", () => {
  test("goes on where the last call stopped: who asks next is told at once, and nothing is sent", async () => {
    const { clock, calls } = budgeted();
    let sent = 0;
    const send = (): Promise<never> => {
      sent++;
      return throttled();
    };
    await expect(calls("Assign", send)).rejects.toMatchObject({ code: "EC2_THROTTLED" });
    const first = sent;
    const asleep = clock.slept.length;
    await expect(calls("Assign", send)).rejects.toMatchObject({ code: "EC2_THROTTLED" });
    expect(sent).toBe(first);
    expect(clock.slept).toHaveLength(asleep);
    clock.turn(30_000);
    await expect(calls("Assign", done)).resolves.toBe("done");
  });

  test("slows the throttled action only", async () => {
    const { clock, calls } = budgeted();
    await expect(calls("Assign", throttled)).rejects.toBeInstanceOf(Fault);
    const asleep = clock.slept.length;
    await expect(calls("Attach", done)).resolves.toBe("done");
    expect(clock.slept).toHaveLength(asleep);
  });

  test("waits at most 20 s between two tries, drawn evenly", async () => {
    const { clock, calls } = budgeted(0.5);
    await expect(calls("Attach", throttled, 120_000)).rejects.toBeInstanceOf(Fault);
    expect(clock.slept.slice(0, 7)).toEqual([2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000]);
  });

  test("holds a loop gone wrong to two calls a second after a burst of twenty", async () => {
    const { clock, calls } = budgeted();
    for (let sent = 0; sent < 20; sent++) await calls("Assign", done);
    expect(clock.slept).toEqual([]);
    for (let sent = 0; sent < 10; sent++) await calls("Assign", done);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(5_000);
  });
});
