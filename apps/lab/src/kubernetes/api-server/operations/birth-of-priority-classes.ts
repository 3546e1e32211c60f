import { put } from "./birth-of-namespaces.ts";
import type { Cluster } from "./cluster.ts";

const SYSTEM = [
  {
    name: "system-cluster-critical",
    value: 2_000_000_000,
    description: "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
  },
  {
    name: "system-node-critical",
    value: 2_000_001_000,
    description: "Used for system critical pods that must not be moved from their current node.",
  },
];

/** The two classes every cluster has. */
export function createPriorityClasses(cluster: Cluster): void {
  for (const { name, ...body } of SYSTEM) put(cluster, "priorityclasses", undefined, { metadata: { name }, ...body });
}
