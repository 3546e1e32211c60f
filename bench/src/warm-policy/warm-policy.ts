import type { Bench } from "../bench.ts";
import type { Figure } from "../figures/figure.ts";
import { compare, type Comparison, type TrialResult } from "./compare.ts";
import { mixTrial, shapeTrials } from "./trials.ts";

const SEED = 1;
const MIX_SEEDS = [11, 12, 13] as const;
/** What the policy is to save, and may cost. */
const IDLE_MOST = 50;
const CALLS_MOST = 100;

/** The adaptive warm policy against the best static setting of each kind of work. */
export const warmPolicyBench: Bench = {
  name: "warm-policy",
  about:
    "three days of pods on a few nodes in virtual time: the adaptive warm policy against the best of the static settings for the same pods",
  needs: "nothing",
  async run({ say }) {
    const figures: Figure[] = [];
    for (const trial of [...shapeTrials(SEED), ...MIX_SEEDS.map((seed) => mixTrial(seed))]) {
      say(`${trial.name}: every static setting, then the adaptive policy`);
      figures.push(...figuresOf(compare(trial)));
      // Ctrl-C is heard between trials.
      await new Promise((resolve) => void setImmediate(resolve));
    }
    return figures;
  },
};

function figuresOf({ trial, best, tried, adaptive }: Comparison): readonly Figure[] {
  const share = (of: (result: TrialResult) => number): number => (100 * of(adaptive)) / of(best);
  const setting = Object.entries(best.env)
    .filter(([, value]) => value !== "0" || Object.keys(best.env).length === 1)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
  const waited = ({ podsDelayed }: TrialResult): string => String(podsDelayed);
  return [
    {
      name: `${trial}, pod start p99`,
      value: adaptive.startP99Ms,
      unit: "ms",
      aim: { most: best.startP99Ms },
      note: `best of ${tried}: ${setting}; ${adaptive.podsStarted} pods, of which waited ${waited(adaptive)} (best ${waited(best)})`,
    },
    {
      name: `${trial}, idle addresses against the best`,
      value: share(({ idle }) => idle),
      unit: "%",
      aim: { most: IDLE_MOST },
      note: `${adaptive.idle.toFixed(1)} on average, best ${best.idle.toFixed(1)}`,
    },
    {
      name: `${trial}, EC2 calls against the best`,
      value: share(({ ec2Calls }) => ec2Calls),
      unit: "%",
      aim: { most: CALLS_MOST },
      note: `${adaptive.ec2Calls}, best ${best.ec2Calls}`,
    },
  ];
}
