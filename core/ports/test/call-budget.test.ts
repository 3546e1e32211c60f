import * as fc from "fast-check";
import { expect, test } from "vitest";
import { afterAnswer, afterSending, afterThrottling, fullBudget, maySendAt, type CallBudget } from "../src/index.ts";

const T0 = 1_700_000_000_000;
const HOUR = 3_600_000;
const LONGEST = 20_000;

test("an action that was refused waits, longer each time, and no other action does", () => {
  let budget = fullBudget(T0);
  const waits = [1, 2, 3, 4, 5].map(() => {
    budget = afterThrottling(budget, "AttachNetworkInterface", T0, 0.999);
    return Math.round((maySendAt(budget, "AttachNetworkInterface", T0) - T0) / 1_000);
  });
  expect(waits).toEqual([4, 8, 16, 20, 20]);
  expect(maySendAt(budget, "DescribeSubnets", T0)).toBe(T0);
  expect(maySendAt(afterAnswer(budget, "AttachNetworkInterface"), "AttachNetworkInterface", T0)).toBe(T0);
});

test("a clock that is set back an hour holds nothing up", () => {
  const budget = afterThrottling(fullBudget(T0), "CreateTags", T0, 0.5);
  expect(maySendAt(budget, "CreateTags", T0 - HOUR)).toBe(T0 - HOUR);
});

test("all calls of a node together are held to twenty at once and two a second, whatever they are answered", () => {
  const answer = fc.constantFrom("given" as const, "throttled" as const);
  fc.assert(
    fc.property(
      fc.array(fc.record({ action: fc.constantFrom("a", "b", "c"), answer, draw: fc.double({ min: 0, max: 0.999, noNaN: true }) })),
      (calls) => {
        let budget: CallBudget = fullBudget(T0);
        let now = T0;
        const sentAt: number[] = [];
        for (const call of calls) {
          const at = maySendAt(budget, call.action, now);
          expect(at).toBeGreaterThanOrEqual(now);
          expect(at - now).toBeLessThanOrEqual(LONGEST);
          now = at;
          budget = afterSending(budget, now);
          budget = call.answer === "given" ? afterAnswer(budget, call.action) : afterThrottling(budget, call.action, now, call.draw);
          sentAt.push(now);
          const inLastSecond = sentAt.filter((each) => now - each < 1_000).length;
          expect(inLastSecond).toBeLessThanOrEqual(22);
        }
        expect(calls.length).toBeLessThanOrEqual(21 + (2 * (now - T0)) / 1_000);
      },
    ),
  );
});
