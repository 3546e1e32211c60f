import { ipv4 } from "@slash28/address";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AddressBook,
  createRandom,
  createVirtualClock,
  formatSteps,
  minimise,
  parseSteps,
  scenarioOf,
  Timeline,
  type RunPlan,
} from "../src/index.ts";

describe("choices", () => {
  test("follow from the seed, and parts of a seed make streams of their own", () => {
    const draw = (...seed: (number | string)[]): number[] => Array.from({ length: 5 }, createRandom(...seed).next);
    expect(draw(1, "step", 2)).toEqual(draw(1, "step", 2));
    expect(draw(1, "step", 2)).not.toEqual(draw(1, "step", 3));
    expect(scenarioOf(17)).toEqual(scenarioOf(17));
  });

  test("stay within their bounds", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1_000 }), (seed, below) => {
        const value = createRandom(seed).int(below);
        expect(value >= 0 && value < below && Number.isInteger(value)).toBe(true);
      }),
    );
  });
});

describe("virtual time", () => {
  test("events come by their times, those of one time in the order they were put in", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (delays) => {
        const timeline = new Timeline(0);
        const seen: { at: number; index: number }[] = [];
        for (const [index, delay] of delays.entries())
          timeline.schedule(delay, { label: "e", fire: () => void seen.push({ at: timeline.now, index }) });
        for (let event = timeline.advance(); event !== undefined; event = timeline.advance()) event.fire();
        expect(seen).toEqual(delays.map((at, index) => ({ at, index })).toSorted((a, b) => a.at - b.at || a.index - b.index));
      }),
    );
  });

  test("a process's clock may be set differently, and its sleepers end with it", async () => {
    const timeline = new Timeline(1_000);
    const clock = createVirtualClock(timeline, 500, () => false);
    const slept = clock.sleep(100).then(() => clock.now());
    timeline.advance()?.fire();
    expect(await slept).toBe(1_600);
  });
});

describe("the address book", () => {
  const [a, b] = [ipv4("10.0.0.5"), ipv4("10.0.0.6")];

  test("knows two holders of an address, and a pod that is told another one", () => {
    const book = new AddressBook(30_000);
    expect(book.told("pod-1", a, 0)).toBeUndefined();
    expect(book.told("pod-1", a, 0)).toBeUndefined();
    expect(book.told("pod-2", a, 0)?.invariant).toBe("one-holder");
    expect(book.told("pod-1", b, 0)?.invariant).toBe("keeps-address");
  });
});

describe("steps as a list", () => {
  test("round trip", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 500 }), { minLength: 1 }), (some) => {
        const steps = some.toSorted((x, y) => x - y);
        expect(parseSteps(formatSteps(steps))).toEqual(steps);
      }),
    );
  });

  test.each(["", "a", "5-3", "1,,2"])("%j is none", (text) => expect(parseSteps(text)).toBeUndefined());
});

test("a failing run is made as small as what makes it fail", async () => {
  const needed = [40, 41, 90];
  const fails = (plan: RunPlan): boolean =>
    plan.faults.includes("crash") && needed.every((step) => (plan.only?.includes(step) ?? true) && step <= plan.steps);
  const run = (plan: RunPlan): Promise<{ step: number; acts: number[] } | undefined> =>
    Promise.resolve(
      fails(plan)
        ? { step: 90, acts: (plan.only ?? Array.from({ length: 91 }, (_, step) => step)).filter((step) => step <= 90) }
        : undefined,
    );
  const small = await minimise(
    { seed: 1, steps: 1_000, faults: scenarioOf(1).faults.includes("crash") ? scenarioOf(1).faults : ["crash"] },
    run,
  );
  expect(small).toMatchObject({ steps: 90, faults: ["crash"], only: needed });
});
