import type { ClusterFile } from "@slash28/cluster-file";
import type { CreateNodegroupInput } from "@slash28/node-groups";
import { NODE_ROLE } from "../../aws/index.ts";
import type { ProvisionedVpc } from "../provision-vpc.ts";

/** The managed node groups a cluster file asks for: one subnet in each of a group's zones, the one that stands first. */
export function fileGroups(file: ClusterFile, network: ProvisionedVpc, accountId: string): readonly CreateNodegroupInput[] {
  return file.nodeGroups.map((group) => {
    const zones = group.zones ?? [...new Set(network.subnets.map((subnet) => subnet.zone))];
    const subnets = zones.flatMap((zone) => network.subnets.find((subnet) => subnet.zone === zone)?.id ?? []);
    const { crashLoopBackOff } = group.kubelet ?? {};
    return {
      name: group.name,
      subnets,
      nodeRole: `arn:aws:iam::${accountId}:role/${NODE_ROLE}`,
      instanceTypes: [group.instanceType],
      scaling: { minSize: 0, maxSize: Math.max(10, group.nodes * 2), desiredSize: group.nodes },
      labels: group.labels,
      told: {
        ...(group.maxPods === undefined ? {} : { maxPods: group.maxPods }),
        ...(crashLoopBackOff?.maxContainerRestartPeriod === undefined ? {} : { kubeletConfig: { crashLoopBackOff } }),
      },
    };
  });
}
