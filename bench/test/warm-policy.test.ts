import { expect, test } from "vitest";
import { bestOf, compare, runTrial } from "../src/warm-policy/compare.ts";
import { ADAPTIVE } from "../src/warm-policy/static-settings.ts";
import { mixTrial, shapeTrials } from "../src/warm-policy/trials.ts";

/** Not a round time: at one, pods may be waiting for the next second. */
const SIX_HOURS = 6 * 3_600_000 + 60_000;
const SETTINGS = [{ WARM_ENI_TARGET: "1" }, { WARM_IP_TARGET: "2" }, { WARM_IP_TARGET: "8" }];
const aResult = (startP99Ms: number, idle: number) => ({ env: {}, startP99Ms, idle, ec2Calls: 0, podsStarted: 1, podsDelayed: 0 });

test("the best setting is the quickest; of equally quick ones that with the fewest idle addresses", () => {
  expect(bestOf([aResult(5, 1), aResult(2, 9), aResult(2, 7), aResult(3, 0)])).toEqual(aResult(2, 7));
});

test.each([...shapeTrials(1, SIX_HOURS), mixTrial(11, SIX_HOURS)].map((trial) => ({ name: trial.name, trial })))(
  "$name: every pod starts, fewer addresses lie idle than with the static targets it falls back to, and a run can be had again",
  ({ trial }) => {
    const { adaptive } = compare(trial, SETTINGS);
    const fallback = runTrial(trial, { WARM_ENI_TARGET: "1" });
    expect(adaptive.podsStarted).toBe(fallback.podsStarted);
    expect(adaptive.idle).toBeLessThan(fallback.idle);
    expect(adaptive).toEqual(runTrial(trial, ADAPTIVE));
  },
  60_000,
);
