import type { ClusterFile } from "@slash28/cluster-file";

/** Nodes in a lab: each is an agent's process. */
const LAB_NODES_MAX = 500;

/** What a lab makes nothing of, though the file says it; `undefined` when that is nothing. */
export function leftOutByLab({ vpc, nodeGroups, workload, changes }: ClusterFile): string | undefined {
  const parts = [
    ...(workload.shapes.length > 0 || workload.daemonPods > 0 ? ["workload"] : []),
    ...(changes.length > 0 ? ["changes"] : []),
    ...(vpc.subnets.some(({ otherTenants }) => otherTenants !== undefined) ? ["otherTenants of subnets"] : []),
    ...(nodeGroups.some(({ scaling }) => scaling !== undefined) ? ["the times of scaling"] : []),
    ...(nodeGroups.some(({ podsPerNode }) => podsPerNode !== undefined) ? ["podsPerNode"] : []),
  ];
  return parts.length === 0 ? undefined : `the lab leaves out what only a simulation reads: ${parts.join(", ")}`;
}

/** Why a lab cannot run a file's pods; `undefined` when it can. */
export function familyUnknownToLab({ ipFamily }: ClusterFile): string | undefined {
  return ipFamily === "ipv4"
    ? undefined
    : "ipFamily: ipv6 has no lab yet: its agent gives pods IPv4 addresses alone; have ipFamily: ipv4, or simulate the file with slash28 simulate";
}

/** Why a file is too large for a lab; `undefined` when it is not. */
export function tooLargeForLab({ nodeGroups }: ClusterFile): string | undefined {
  const group = nodeGroups.find(({ nodes }) => nodes > LAB_NODES_MAX);
  return group === undefined
    ? undefined
    : `a lab has at most ${LAB_NODES_MAX} nodes in a group, each a process of its own, and ${group.name} has ${group.nodes}; ask for fewer`;
}
