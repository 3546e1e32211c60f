import { stringify } from "yaml";
import { MODES } from "../mode.ts";
import type { Plan, SubnetRole } from "../plan-types.ts";
import { placeholder, subnetVariable } from "./plan-file.ts";
import { surgeOf } from "./terraform-cluster.ts";

/** A ClusterConfig of eksctl in the plan's own subnets. */
export function eksctlConfig(plan: Plan): string {
  const { hasIpv6, serviceCidr, internet } = plan.vpc;
  return stringify({
    apiVersion: "eksctl.io/v1alpha5",
    kind: "ClusterConfig",
    metadata: { name: plan.name, region: plan.region },
    kubernetesNetworkConfig: hasIpv6 ? { ipFamily: "IPv6" } : { ipFamily: "IPv4", serviceIPv4CIDR: serviceCidr },
    ...(hasIpv6 ? { iam: { withOIDC: true } } : {}),
    vpc: {
      id: placeholder("vpc_id"),
      subnets: subnetsOf(plan),
      controlPlaneSubnetIDs: idsOf(plan, "cluster"),
      ...(internet === "none" ? {} : { clusterEndpoints: { publicAccess: true, privateAccess: true } }),
    },
    // The endpoints are made with the network.
    ...(internet === "none" ? { privateCluster: { enabled: true, skipEndpointCreation: true } } : {}),
    ...addonsOf(plan),
    managedNodeGroups: plan.nodeGroups.map((group) => ({
      name: group.name,
      instanceType: group.instanceType,
      desiredCapacity: group.nodesToday,
      minSize: 0,
      maxSize: Math.max(group.nodesToday, group.nodesPlanned) + plan.size.planned.surgeNodes,
      maxPodsPerNode: group.maxPods,
      privateNetworking: internet !== "public",
      subnets: idsOf(plan, "nodes"),
      updateConfig: { maxUnavailable: surgeOf(plan) },
    })),
  });
}

function idsOf(plan: Plan, role: SubnetRole): readonly string[] {
  return plan.zones.map((zone) => placeholder(subnetVariable({ role, zone })));
}

function subnetsOf(plan: Plan): object {
  const byZone = (role: SubnetRole): object =>
    Object.fromEntries(plan.zones.map((zone) => [zone, { id: placeholder(subnetVariable({ role, zone })) }]));
  switch (plan.vpc.internet) {
    case "nat":
      return { private: byZone("nodes"), public: byZone("public") };
    case "public":
      return { public: byZone("nodes") };
    case "none":
      return { private: byZone("nodes") };
    default:
      return plan.vpc.internet satisfies never;
  }
}

/** With an overlay no vpc-cni: it would give pods addresses first. */
function addonsOf(plan: Plan): object {
  if (!MODES[plan.mode].isVpcCni)
    return { addonsConfig: { disableDefaultAddons: true }, addons: [{ name: "coredns" }, { name: "kube-proxy" }] };
  const configurationValues = JSON.stringify({ env: plan.env, ...eniConfig(plan) });
  return { addons: [{ name: "vpc-cni", resolveConflicts: "overwrite", configurationValues }, { name: "coredns" }, { name: "kube-proxy" }] };
}

/** ENIConfigs made by the add-on, before the first node comes; without groups of their own they have those of the node. */
function eniConfig({ eniConfigs, region }: Plan): object {
  if (eniConfigs.length === 0) return {};
  const subnets = eniConfigs.map(({ zone }) => [zone, { id: placeholder(subnetVariable({ role: "pods", zone })) }] as const);
  return { eniConfig: { create: true, region, subnets: Object.fromEntries(subnets) } };
}
