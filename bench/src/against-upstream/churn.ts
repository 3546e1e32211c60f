import { churn, TRACE_NAMES, type ChurnResult } from "@slash28/simulate";
import type { Bench } from "../bench.ts";
import type { Figure } from "../figures/figure.ts";
import { percentile } from "../figures/percentiles.ts";

const MODES = {
  addresses: { WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "10" },
  ENIs: {},
  prefixes: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
} as const;

/** What an hour of pods costs in EC2 calls: the agent, and upstream's rules on the same trace. */
export const churnBench: Bench = {
  name: "churn",
  about: "EC2 calls per 1,000 pod starts on one node over an hour, in virtual time; upstream's rules on the same traces as baseline",
  needs: "nothing",
  async run({ say }) {
    const figures: Figure[] = [];
    for (const [mode, env] of Object.entries(MODES)) {
      for (const trace of TRACE_NAMES) {
        say(`${trace} with warm ${mode}`);
        figures.push(figureOf(`${trace}, warm ${mode}`, await churn("slash28", trace, env)));
        figures.push(figureOf(`${trace}, warm ${mode}, upstream`, await churn("upstream", trace, env)));
      }
    }
    return figures;
  },
};

function figureOf(name: string, { starts, calls, waitedMs, idleAddresses }: ChurnResult): Figure {
  const waited = (share: number): string => `${(percentile(waitedMs, share) / 1_000).toFixed(1)} s`;
  const note = `${starts} starts; waited ${waited(0.5)} p50, ${waited(0.99)} p99; ${idleAddresses.toFixed(0)} idle addresses on average`;
  return { name, value: (1_000 * calls) / starts, unit: "calls", note };
}
