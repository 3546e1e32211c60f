import { stringify } from "yaml";
import type { Plan, SubnetRole } from "../plan-types.ts";
import { placeholder, subnetVariable } from "./plan-file.ts";
import { surgeOf } from "./terraform-cluster.ts";

/** A ClusterConfig of eksctl in the plan's own subnets. */
export function eksctlConfig(plan: Plan): string {
  const { hasIpv6, serviceCidr } = plan.vpc;
  const ids = (role: SubnetRole): string[] => plan.zones.map((zone) => placeholder(subnetVariable({ role, zone })));
  const byZone = (role: SubnetRole): object =>
    Object.fromEntries(plan.zones.map((zone) => [zone, { id: placeholder(subnetVariable({ role, zone })) }]));
  return stringify({
    apiVersion: "eksctl.io/v1alpha5",
    kind: "ClusterConfig",
    metadata: { name: plan.name, region: plan.region },
    kubernetesNetworkConfig: hasIpv6 ? { ipFamily: "IPv6" } : { ipFamily: "IPv4", serviceIPv4CIDR: serviceCidr },
    ...(hasIpv6 ? { iam: { withOIDC: true } } : {}),
    vpc: {
      id: placeholder("vpc_id"),
      subnets: { private: byZone("nodes"), public: byZone("public") },
      controlPlaneSubnetIDs: ids("cluster"),
      clusterEndpoints: { publicAccess: true, privateAccess: true },
    },
    addons: [
      { name: "vpc-cni", resolveConflicts: "overwrite", configurationValues: JSON.stringify({ env: plan.env, ...eniConfig(plan) }) },
      { name: "coredns" },
      { name: "kube-proxy" },
    ],
    managedNodeGroups: plan.nodeGroups.map((group) => ({
      name: group.name,
      instanceType: group.instanceType,
      desiredCapacity: group.nodesToday,
      minSize: 0,
      maxSize: Math.max(group.nodesToday, group.nodesPlanned) + plan.size.planned.surgeNodes,
      maxPodsPerNode: group.maxPods,
      privateNetworking: true,
      subnets: ids("nodes"),
      updateConfig: { maxUnavailable: surgeOf(plan) },
    })),
  });
}

/** ENIConfigs made by the add-on, before the first node comes; without groups of their own they have those of the node. */
function eniConfig({ eniConfigs, region }: Plan): object {
  if (eniConfigs.length === 0) return {};
  const subnets = eniConfigs.map(({ zone }) => [zone, { id: placeholder(subnetVariable({ role: "pods", zone })) }] as const);
  return { eniConfig: { create: true, region, subnets: Object.fromEntries(subnets) } };
}
