import { expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import { EventQueue } from "../../src/time/event-queue.ts";

test("what has one time happens in the order it was put in, and what is due already comes next", () => {
  const queue = new EventQueue();
  const seen: string[] = [];
  const note = (name: string, then?: () => void): { fire(): void } => ({
    fire: () => {
      seen.push(`${name}@${queue.now}`);
      then?.();
    },
  });
  queue.at(5, note("a"));
  queue.at(
    3,
    note("b", () => queue.at(1, note("late"))),
  );
  queue.at(3, note("c"));
  queue.in(4.2, note("d"));
  for (let next = queue.next(); next !== undefined; next = queue.next()) next.fire();
  expect(seen).toEqual(["b@3", "c@3", "late@3", "a@5", "d@5"]);
});

/** Most come soon and many at the same time; some are far away, one window of time or many later. */
const soonOrLater = fc.oneof({ weight: 8, arbitrary: fc.nat(50) }, { weight: 2, arbitrary: fc.nat(10_000) }, fc.nat(100_000_000));

property.prop([fc.array(fc.record({ at: soonOrLater, takes: fc.nat(3) }), { maxLength: 3_000 })])(
  "is a stable sort by time, whatever is taken in between",
  (steps) => {
    const queue = new EventQueue();
    const waiting: { readonly at: number; readonly order: number }[] = [];
    for (const [order, { at, takes }] of steps.entries()) {
      const time = queue.now + at;
      waiting.push({ at: time, order });
      waiting.sort((a, b) => a.at - b.at || a.order - b.order);
      queue.at(time, { fire: () => expect(waiting.shift()).toEqual({ at: queue.now, order }) });
      for (let i = 0; i < takes; i++) queue.next()?.fire();
      expect(queue.size).toBe(waiting.length);
      expect(queue.nextAt).toBe(waiting[0]?.at ?? Number.POSITIVE_INFINITY);
    }
    for (let next = queue.next(); next !== undefined; next = queue.next()) next.fire();
    expect(waiting).toEqual([]);
  },
);
