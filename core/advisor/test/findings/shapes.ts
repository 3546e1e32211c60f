import type { SeenPod, Snapshot } from "@slash28/advisor";
import { healthy } from "../a-cluster.ts";

/** A finding, snapshots that have it, and some that nearly do. */
export type FindingCase = readonly [id: string, has: Readonly<Record<string, Snapshot>>, misses: Readonly<Record<string, Snapshot>>];

export const H = healthy();
export function subnets(change: (subnet: Required<Snapshot>["subnets"][number]) => object): Required<Snapshot>["subnets"] {
  return H.subnets.map((subnet) => ({ ...subnet, ...change(subnet) }));
}
export const policy = H.securityGroupPolicies[0]!;
export const inPrefixMode = { ENABLE_PREFIX_DELEGATION: "true" };
export const service = H.services[0]!;
export const group = H.nodeGroups[0]!;
export const withPods = (...pods: readonly SeenPod[]): Partial<Snapshot> => ({ pods: [...H.pods, ...pods] });
