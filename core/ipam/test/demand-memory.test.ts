import { describe, expect, test } from "vitest";
import { DemandMemory } from "../src/demand-memory.ts";
import { situationText } from "../src/situation.ts";
import { T0 } from "./a-node.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
let pods = 0;

/** So many pods within the same tenth of a second. */
function burst(memory: DemandMemory, size: number, at: number, isServed = true): void {
  for (let pod = 0; pod < size; pod++) memory.asked(`pod-${pods++}`, isServed, pod + 1, at + pod);
}

/** Single pods, one a minute. */
function singles(memory: DemandMemory, count: number, from: number): void {
  for (let pod = 0; pod < count; pod++) burst(memory, 1, from + pod * MINUTE);
}

test("nothing is known until what comes every hour has come", () => {
  const memory = new DemandMemory();
  burst(memory, 1, T0);
  expect(memory.forecast(1, T0 + 75 * MINUTE - 1).state).toBe("learning");
  expect(memory.forecast(1, T0 + 75 * MINUTE).state).toBe("known");
});

describe("what is enough", () => {
  test("one pod at a time needs one free address, bursts as many as they are large", () => {
    const memory = new DemandMemory();
    singles(memory, 50, T0);
    expect(memory.forecast(1, T0 + 2 * HOUR).enough).toEqual({ assign: 1, attach: 1 });
    burst(memory, 6, T0 + 2 * HOUR);
    // The burst came more than half an hour after the last pod: so may the next.
    expect(memory.forecast(6, T0 + 2 * HOUR + 31 * MINUTE).enough).toEqual({ assign: 6, attach: 6 });
    expect(memory.forecast(6, T0 + 2 * HOUR + 31 * MINUTE).enoughAttachMost).toBe(6);
  });

  test("a burst half a day ago counts half: single pods outweigh it in the end", () => {
    const memory = new DemandMemory();
    burst(memory, 4, T0);
    expect(memory.forecast(4, T0 + HOUR).enough.assign).toBe(4);
    singles(memory, 4 * 24 * 60, T0 + HOUR);
    expect(memory.forecast(1, T0 + 97 * HOUR).enough.assign).toBe(1);
  });

  test("bursts that are known to be regular need nothing in between, and all when they are due", () => {
    const memory = new DemandMemory();
    for (let hour = 0; hour < 8; hour++) burst(memory, 8, T0 + hour * HOUR);
    const last = T0 + 7 * HOUR;
    expect(memory.forecast(8, last + 30 * MINUTE).enough.assign).toBe(0);
    const due = memory.forecast(8, last + HOUR - 15 * SECOND);
    expect(due.enough.assign).toBe(8);
    expect(situationText(due.situation)).toBe("a burst of 8 to 15 pods is due");
  });

  test("the third of equal intervals makes the next burst prepared for, before it is known to be regular", () => {
    const memory = new DemandMemory();
    for (const hour of [0, 1, 2]) burst(memory, 8, T0 + hour * HOUR);
    expect(memory.forecast(8, T0 + 2 * HOUR + 40 * MINUTE).enough.assign).toBe(8);
    expect(memory.forecast(8, T0 + 3 * HOUR - 15 * SECOND).enough.assign).toBe(8);
  });

  test("two sorts of regular bursts are told apart", () => {
    const memory = new DemandMemory();
    const times = [
      ...[0, 30, 60, 90, 120, 150, 180, 210, 240, 270].map((at) => ({ at, size: 4 })),
      ...[17, 89, 161, 233].map((at) => ({ at, size: 9 })),
    ];
    for (const { at, size } of times.sort((a, b) => a.at - b.at)) burst(memory, size, T0 + at * MINUTE);
    expect(memory.forecast(4, T0 + 300 * MINUTE - 15 * SECOND).dueBurst).toMatchObject({ everyMs: 30 * MINUTE, size: 4 });
    expect(memory.forecast(4, T0 + 305 * MINUTE - 15 * SECOND).dueBurst).toMatchObject({ everyMs: 72 * MINUTE, size: 9 });
  });
});

describe("pods that wait", () => {
  test("are demand once, when they come first, however often they ask", () => {
    const memory = new DemandMemory();
    for (let time = 0; time < 5; time++) memory.asked("web/a", false, 1, T0 + time * 100);
    memory.asked("web/a", true, 1, T0 + 600);
    expect(memory.forecast(1, T0 + HOUR).enough).toEqual({ assign: 1, attach: 1 });
    const { pods: came, waited } = memory.seen(T0 + 600).waits;
    expect(came).toBeCloseTo(1, 4);
    expect(waited).toBe(came);
  });

  test("beyond the share that may bring the static targets back for ten minutes; within it they do not", () => {
    const memory = new DemandMemory();
    singles(memory, 400, T0);
    const at = T0 + 7 * HOUR;
    memory.asked("first", false, 1, at);
    expect(memory.forecast(1, at + MINUTE).state).toBe("known");
    for (const pod of ["second", "third", "fourth"]) memory.asked(pod, false, 1, at + 2 * MINUTE);
    expect(memory.forecast(1, at + 3 * MINUTE).state).toBe("surprised");
    expect(memory.forecast(1, at + 13 * MINUTE).state).toBe("known");
  });

  test("leave less to the forecast, and none that waited more", () => {
    const mayWait = [0, 1, 4].map((waited) => {
      const memory = new DemandMemory();
      singles(memory, 400 - waited, T0);
      for (let pod = 0; pod < waited; pod++) burst(memory, 1, T0 + 400 * MINUTE + pod, false);
      return memory.forecast(1, T0 + 401 * MINUTE).waits.mayWait;
    });
    expect(mayWait[0]).toBeGreaterThan(mayWait[1] ?? 0);
    expect(mayWait[1]).toBeGreaterThan(mayWait[2] ?? 0);
    expect(mayWait[2]).toBeGreaterThan(0);
  });
});

test("bursts at unequal intervals tell nothing", () => {
  const memory = new DemandMemory();
  for (const at of [0, 60, 140]) burst(memory, 8, T0 + at * MINUTE);
  expect(memory.forecast(8, T0 + 150 * MINUTE).nextBurst).toBeUndefined();
});

test("the batches of a rollout are one burst", () => {
  const memory = new DemandMemory();
  for (const wave of [0, 1, 2]) for (const batch of [0, 1, 2, 3]) burst(memory, 8, T0 + 2 * wave * HOUR + batch * 30 * SECOND);
  expect(memory.forecast(8, T0 + 4 * HOUR + 10 * MINUTE).nextBurst?.everyMs).toBe(2 * HOUR);
});

test("the peak is that of the last 24 whole hours", () => {
  const memory = new DemandMemory();
  burst(memory, 9, T0);
  memory.asked("late", true, 3, T0 + 2 * HOUR);
  expect(memory.forecast(3, T0 + 3 * HOUR).peakUsed).toBe(9);
  expect(memory.forecast(3, T0 + 23 * HOUR).peakUsed).toBe(9);
  expect(memory.forecast(3, T0 + 26 * HOUR).peakUsed).toBe(3);
});

test("what changes by itself is told, in whole milliseconds", () => {
  const memory = new DemandMemory();
  for (const at of [0, 1, 2]) burst(memory, 8, T0 + at * 67 * MINUTE + 7);
  for (let now = T0 + 3 * HOUR; now < T0 + 8 * HOUR;) {
    const { changesAt } = memory.forecast(8, now);
    expect(changesAt).toBeGreaterThan(now);
    expect(Number.isInteger(changesAt)).toBe(true);
    now = changesAt;
  }
});

test("a clock that was set back makes the node learn anew", () => {
  const memory = new DemandMemory();
  burst(memory, 1, T0);
  expect(memory.forecast(1, T0 + 2 * HOUR).state).toBe("known");
  expect(memory.forecast(1, T0 - HOUR).state).toBe("learning");
});
