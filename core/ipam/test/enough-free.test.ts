import { fc } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { SIZE_MAX, type SeenDemand } from "../src/demand-table.ts";
import { enoughFree } from "../src/enough-free.ts";
import { mostDueIn, quietSituation, SITUATIONS } from "../src/situation.ts";

const HOUR = 3_600_000;
const RARE = quietSituation(HOUR, HOUR);
const BUSY = quietSituation(30_000, HOUR);

function seen(windows: SeenDemand["windows"], spent: Readonly<Record<number, number>>): SeenDemand {
  return { at: 0, windows, spentMs: Array.from({ length: SITUATIONS }, (_, situation) => spent[situation] ?? 0) };
}

/** Pods of these windows that would have found nothing free. */
function missed({ windows }: SeenDemand, enough: readonly number[]): number {
  return windows.reduce((sum, [situation, size, weight]) => sum + weight * Math.max(0, size - (enough[situation] ?? 0)), 0);
}

test("bursts that always come in one situation are waited for in it, and not for the rest of the day", () => {
  const enough = enoughFree(seen([[BUSY, 6, 100]], { [BUSY]: HOUR, [RARE]: 23 * HOUR }), 6);
  expect(enough[BUSY]).toBe(6);
  expect(enough[RARE]).toBe(0);
});

test("where telling situations apart saves little, all have the same", () => {
  const enough = enoughFree(
    seen(
      [
        [BUSY, 1, 100],
        [RARE, 1, 90],
      ],
      { [BUSY]: HOUR, [RARE]: HOUR },
    ),
    1,
  );
  expect(new Set(enough)).toEqual(new Set([1]));
});

test("where nothing was ever asked for nothing is enough", () => {
  expect(enoughFree(seen([], { [RARE]: HOUR }), 0)).toEqual(Array.from({ length: SITUATIONS }, () => 0));
});

const someSeen = fc
  .record({
    windows: fc.uniqueArray(
      fc.tuple(fc.nat(SITUATIONS - 1), fc.integer({ min: 1, max: SIZE_MAX }), fc.double({ min: 0.01, max: 500, noNaN: true })),
      {
        selector: ([situation, size]) => situation * 100 + size,
        maxLength: 30,
      },
    ),
    spentMs: fc.array(fc.integer({ min: 0, max: 48 * HOUR }), { minLength: SITUATIONS, maxLength: SITUATIONS }),
  })
  .map(({ windows, spentMs }): SeenDemand => ({ at: 0, windows, spentMs }));
const someBudget = fc.double({ min: 0, max: 200, noNaN: true });

test("of what was seen no more pods would have waited than may", () => {
  fc.assert(fc.property(someSeen, someBudget, (demand, mayWait) => missed(demand, enoughFree(demand, mayWait)) <= mayWait + 1e-6));
});

test("less may never be enough because fewer pods may wait, on average over the time", () => {
  const average = (demand: SeenDemand, mayWait: number): number =>
    enoughFree(demand, mayWait).reduce((sum, enough, situation) => sum + enough * (demand.spentMs[situation] ?? 0), 0);
  fc.assert(
    fc.property(someSeen, someBudget, (demand, mayWait) => {
      // Telling situations apart or not is decided by a margin, so the average may rise by as much.
      expect(average(demand, mayWait)).toBeLessThanOrEqual(average(demand, mayWait / 2) / 0.8 + 1e-6);
    }),
  );
});

test("no more than the largest burst is held, and a due one no more than its like", () => {
  fc.assert(
    fc.property(someSeen, someBudget, (demand, mayWait) => {
      const largest = Math.max(0, ...demand.windows.map(([, size]) => size));
      for (const [situation, enough] of enoughFree(demand, mayWait).entries()) {
        expect(enough).toBeLessThanOrEqual(largest);
        expect(mostDueIn(situation) ?? SIZE_MAX).toBeGreaterThan(0);
      }
    }),
  );
});
