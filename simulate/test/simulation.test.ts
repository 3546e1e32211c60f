import { scenarioOf } from "@slash28/simulation";
import { describe, expect, test } from "vitest";
import { runPlan, type PlantedBug } from "../src/index.ts";
import { parseOptions } from "../src/options.ts";

const run = (seed: number, steps: number, bug?: PlantedBug): ReturnType<typeof runPlan> =>
  runPlan({ seed, steps, faults: scenarioOf(seed).faults }, bug === undefined ? {} : { bug });

describe("the agent in a world that breaks", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "holds through 1,500 steps of seed %i",
    async (seed) => {
      const { violation, steps } = await run(seed, 1_500);
      expect(violation, `npm run simulate-faults -- --seed ${seed} --steps 1500`).toBeUndefined();
      expect(steps).toBe(1_500);
    },
    60_000,
  );

  test("goes the same way for the same seed", async () => {
    const [first, second, other] = [await run(9, 800), await run(9, 800), await run(10, 800)];
    expect(second.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
  }, 60_000);
});

/** Mistakes put around the agent's ports and inputs; a simulation that misses them proves nothing. */
const PLANTED: readonly PlantedBug[] = [
  {
    name: "no-cooldown",
    about: "hands an address out again at once",
    settings: (settings) => ({ ...settings, pool: { ...settings.pool, cooldownMs: 0 } }),
  },
  {
    name: "forgetful-journal",
    about: "acknowledges what it never wrote",
    journal: (journal) => ({
      ...journal,
      load: () => journal.load(),
      append: () => Promise.resolve(),
      rewrite: () => Promise.resolve(),
      close: () => journal.close(),
    }),
  },
  { name: "keeps-everything", about: "never gives an address back to EC2", ec2: (ec2) => ({ ...ec2, unassign: () => Promise.resolve() }) },
];

describe("planted bugs", () => {
  test.each(PLANTED)(
    "$name is caught",
    async (bug) => {
      for (let seed = 1; seed <= 12; seed++) {
        const { violation } = await run(seed, 2_500, bug);
        if (violation !== undefined) return;
      }
      expect.fail(`nobody noticed that it ${bug.about}`);
    },
    120_000,
  );
});

describe("the command line", () => {
  test("has defaults, and one seed is traced", () => {
    expect(parseOptions([])).toEqual({ kind: "run", options: { first: 1, seeds: 50, steps: 20_000, output: "table", isTraced: false } });
    expect(parseOptions(["--seed", "7", "--steps", "100", "-o", "json"])).toEqual({
      kind: "run",
      options: { first: 7, seeds: 1, steps: 100, output: "json", isTraced: true },
    });
  });

  test.each([["--seeds", "none"], ["--steps", "0"], ["-o", "xml"], ["--wat"]])("refuses %s %s", (...args) => {
    expect(parseOptions(args).kind).toBe("mistake");
  });
});
