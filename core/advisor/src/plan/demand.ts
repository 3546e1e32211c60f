import type { Needs } from "./needs.ts";
import type { NodeSize } from "./node-size.ts";

/** How many nodes and pods there are, at one time. */
export interface Demand {
  readonly month: number;
  /** Cluster DNS among them, DaemonSets' not. */
  readonly pods: number;
  /** A multiple of the number of instance types. */
  readonly nodes: number;
  /** Nodes more while an upgrade runs. */
  readonly surgeNodes: number;
  /** Pods with an address on an average node, DaemonSets' among them. */
  readonly podsPerNode: number;
  readonly isolatedPods: number;
  /** What the number of nodes follows from. */
  readonly boundBy: "compute" | "max-pods";
}

/** CoreDNS as EKS installs it: two pods that need no less an address than others. */
export const CLUSTER_DNS_PODS = 2;

/** Nodes and pods after so many months of growth. */
export function demandAt(needs: Needs, sizes: readonly NodeSize[], month: number): Demand {
  const factor = (1 + needs.growthPerYear) ** (month / 12);
  const pods = Math.ceil(needs.pods * factor) + CLUSTER_DNS_PODS;
  const places = sizes.reduce((sum, size) => sum + size.places, 0);
  const byPods = Math.ceil(pods / places) * sizes.length;
  const floor = needs.podsPerNodeByCompute === undefined ? Math.ceil((needs.nodes * factor) / sizes.length) * sizes.length : 0;
  const nodes = Math.max(byPods, floor, sizes.length);
  return {
    month,
    pods,
    nodes,
    surgeNodes: needs.surge === 0 ? 0 : Math.max(1, Math.ceil(nodes * needs.surge)),
    podsPerNode: Math.ceil(pods / nodes) + needs.daemonPods,
    isolatedPods: Math.ceil(needs.isolatedPods * factor),
    boundBy: byPods > floor && needs.podsPerNodeByCompute === undefined ? "max-pods" : "compute",
  };
}
