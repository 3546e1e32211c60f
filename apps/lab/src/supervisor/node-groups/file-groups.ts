import type { ClusterFile } from "@slash28/cluster-file";
import type { CreateNodegroupInput } from "@slash28/node-groups";
import { NODE_ROLE } from "../../aws/index.ts";
import { nodeSubnets, type ProvisionedVpc } from "../provision-vpc.ts";

/** The managed node groups a cluster file asks for: one subnet in each of a group's zones, the first that is for nodes. */
export function fileGroups(file: ClusterFile, network: ProvisionedVpc, accountId: string): readonly CreateNodegroupInput[] {
  const candidates = nodeSubnets(file, network);
  return file.nodeGroups.map((group) => {
    const zones = group.zones ?? [...new Set(candidates.map((subnet) => subnet.zone))];
    const subnets = zones.flatMap((zone) => candidates.find((subnet) => subnet.zone === zone)?.id ?? []);
    const { min = 0, max = Math.max(10, group.nodes * 2) } = group.scaling ?? {};
    const { crashLoopBackOff } = group.kubelet ?? {};
    return {
      name: group.name,
      subnets,
      nodeRole: `arn:aws:iam::${accountId}:role/${NODE_ROLE}`,
      instanceTypes: [group.instanceType],
      scaling: { minSize: min, maxSize: max, desiredSize: group.nodes },
      labels: group.labels,
      told: {
        ...(group.maxPods === undefined ? {} : { maxPods: group.maxPods }),
        ...(crashLoopBackOff?.maxContainerRestartPeriod === undefined ? {} : { kubeletConfig: { crashLoopBackOff } }),
      },
    };
  });
}
