import type { ClusterFileProblem } from "../problem.ts";
import type { ClusterFile } from "../schema.ts";

/** As many Elastic IPs as an account has. */
const NAT_ZONES_MAX = 5;

/** A NAT gateway stands in a public subnet, and there are five Elastic IPs. */
export function natProblems({ vpc: { subnets } }: ClusterFile): ClusterFileProblem[] {
  const first = subnets.findIndex(({ kind }) => kind === "private");
  if (first < 0) return [];
  if (subnets.every(({ kind }) => kind === "private")) {
    return [{ path: ["vpc", "subnets", first, "kind"], message: "a private subnet needs a public one for its NAT gateway" }];
  }
  const zones = new Set(subnets.filter(({ kind }) => kind === "private").map(({ zone }) => zone));
  return zones.size > NAT_ZONES_MAX
    ? [
        {
          path: ["vpc", "subnets"],
          message: `private subnets in more than ${NAT_ZONES_MAX} zones need more Elastic IPs than an account has`,
        },
      ]
    : [];
}
