import { massStart, type MassStart } from "@slash28/simulate";
import type { Bench } from "../bench.ts";
import type { Figure } from "../figures/figure.ts";
import { percentile } from "../figures/percentiles.ts";

const NODES = 500;
const CUSTOM_NETWORKING = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" };
const WHO = { slash28: "agent", upstream: "naive" } as const;

/** Five hundred nodes start at once against EC2's published token buckets; the naive baseline is upstream's: SDK retries and a loop of 5 s. */
export const massStartBench: Bench = {
  name: "mass-start",
  about: "500 nodes start at once against EC2's published buckets, in virtual time; upstream's retries as baseline",
  needs: "nothing",
  async run({ say }) {
    const figures: Figure[] = [];
    for (const who of ["slash28", "upstream"] as const) {
      say(`starting ${NODES} nodes: ${WHO[who]}`);
      figures.push(...figuresOf(WHO[who], await massStart({ nodes: NODES, env: CUSTOM_NETWORKING, who })));
    }
    return figures;
  },
};

function figuresOf(who: string, { readyMs, starved, calls, throttled, byAction }: MassStart): readonly Figure[] {
  const at = (share: number): number => percentile(readyMs, share) / 1_000;
  const asked = Object.entries(byAction).map(([action, count]) => `${count} ${action}`);
  return [
    { name: `${who}: EC2 calls until all are ready`, value: calls, unit: "calls", note: asked.join(", ") },
    { name: `${who}: throttled`, value: (100 * throttled) / calls, unit: "%" },
    { name: `${who}: first address p50`, value: at(0.5), unit: "s", note: "virtual time" },
    { name: `${who}: first address p99`, value: at(0.99), unit: "s" },
    { name: `${who}: first address, last node`, value: at(1), unit: "s", note: `${starved} nodes without one after 20 minutes` },
  ];
}
