import type { FleetInput } from "@slash28/fleet";
import type { Bench } from "../bench.ts";
import { isMet, type Figure } from "../figures/figure.ts";
import { compare, type Comparison, type TrialResult } from "./compare.ts";
import { ADAPTIVE, ADAPTIVE_WITH_PREFIXES, STATIC_PREFIX_SETTINGS, STATIC_SETTINGS } from "./static-settings.ts";
import { drawnShapeTrials, mixTrial, shapeTrials, type Trial } from "./trials.ts";

/** What the policy was tuned on, or was looked at before it was finished; and what it never saw. */
const TUNED_ON = { shapes: 1, drawnShapes: 101, mixes: [11, 12, 13, 21, 22, 23, 24, 25, 26, 31, 32, 33] } as const;
const HELD_OUT = { drawnShapes: 202, mixes: [41, 42, 43, 44, 45, 46] } as const;
/** What the policy is to save, and may cost. */
const IDLE_MOST = 50;
const CALLS_MOST = 100;

interface TrialSet {
  readonly set: string;
  /** A prefix is held for its first address: the floor of single addresses says nothing there. */
  readonly hasFloor: boolean;
  readonly trials: readonly Trial[];
  readonly settings: readonly FleetInput["env"][];
  readonly policy: FleetInput["env"];
}

const mixes = (seeds: readonly number[]): readonly Trial[] => seeds.map((seed) => mixTrial(seed));

const SETS: readonly TrialSet[] = [
  {
    set: "tuned on",
    hasFloor: true,
    trials: [...shapeTrials(TUNED_ON.shapes), ...drawnShapeTrials(TUNED_ON.drawnShapes), ...mixes(TUNED_ON.mixes)],
    settings: STATIC_SETTINGS,
    policy: ADAPTIVE,
  },
  {
    set: "held out",
    hasFloor: true,
    trials: [...drawnShapeTrials(HELD_OUT.drawnShapes), ...mixes(HELD_OUT.mixes)],
    settings: STATIC_SETTINGS,
    policy: ADAPTIVE,
  },
  {
    set: "prefixes",
    hasFloor: false,
    trials: [...shapeTrials(TUNED_ON.shapes), ...mixes(TUNED_ON.mixes.slice(0, 2))],
    settings: STATIC_PREFIX_SETTINGS,
    policy: ADAPTIVE_WITH_PREFIXES,
  },
];

/** The adaptive warm policy against the best static setting of each kind of work. */
export const warmPolicyBench: Bench = {
  name: "warm-policy",
  about:
    "three days of pods on a few nodes in virtual time: the adaptive warm policy against the best of the static settings for the same pods",
  needs: "nothing",
  async run({ say }) {
    const figures: Figure[] = [];
    for (const { set, trials, settings, policy, hasFloor } of SETS) {
      const ofSet: (readonly Figure[])[] = [];
      for (const trial of trials) {
        say(`${set}: ${trial.name}: every static setting, then the adaptive policy`);
        const comparison = compare(trial, settings, policy);
        ofSet.push(figuresOf(set, comparison));
        if (hasFloor) figures.push(floorOf(set, comparison));
        // Ctrl-C is heard between trials.
        await new Promise((resolve) => void setImmediate(resolve));
      }
      figures.push(...ofSet.flat(), summaryOf(set, ofSet));
    }
    return figures;
  },
};

function floorOf(set: string, { trial, best, idleFloor }: Comparison): Figure {
  return {
    name: `${set}: ${trial}, the least without foresight, against the best`,
    value: (100 * idleFloor) / best.idle,
    unit: "%",
    note: `${idleFloor.toFixed(1)} on average`,
  };
}

function summaryOf(set: string, trials: readonly (readonly Figure[])[]): Figure {
  const met = trials.filter((figures) => figures.every((figure) => isMet(figure) !== false)).length;
  return {
    name: `${set}: trials that meet all three aims`,
    value: (100 * met) / trials.length,
    unit: "%",
    note: `${met} of ${trials.length}`,
  };
}

function figuresOf(set: string, { trial: name, best, tried, adaptive }: Comparison): readonly Figure[] {
  const trial = `${set}: ${name}`;
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
