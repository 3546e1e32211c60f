import type { ClusterFileInput } from "@slash28/cluster-file";
import { CLUSTER_DNS_PODS } from "./demand.ts";
import { MODES } from "./mode.ts";
import type { Plan, PlannedSubnet, SizeAt } from "./plan-types.ts";

/** Load balancers' addresses in a nodes' subnet, as the plan counts them. */
const LOAD_BALANCER = 8;

/**
 * The plan as a cluster file: at today's size for a lab, or at the size it is planned for, with an upgrade of every node.
 * `undefined` for what a cluster file does not describe: an overlay. One with IPv6 pods is for simulations alone.
 */
export function clusterFileOf(plan: Plan, at: "today" | "planned"): ClusterFileInput | undefined {
  const { isIpv6, isVpcCni } = MODES[plan.mode];
  if (!isVpcCni) return undefined;
  const size = plan.size[at];
  const groups = plan.nodeGroups.length;
  return {
    apiVersion: "slash28.dev/v1alpha1",
    kind: "Cluster",
    name: plan.name,
    region: plan.region,
    ...(isIpv6 ? { ipFamily: "ipv6" as const } : {}),
    vpc: {
      cidrs: [...plan.vpc.cidrs],
      ...(plan.vpc.hasIpv6 ? { ipv6: true } : {}),
      subnets: plan.vpc.subnets.map((subnet) => subnetOf(subnet, plan)),
    },
    nodeGroups: plan.nodeGroups.map((group) => ({
      name: group.name,
      instanceType: group.instanceType,
      nodes: at === "today" ? group.nodesToday : group.nodesPlanned,
      maxPods: group.maxPods,
      ...(group.podsPerNodeByCompute === null ? {} : { podsPerNode: group.podsPerNodeByCompute }),
    })),
    vpcCni: { env: { ...plan.env } },
    ...(plan.eniConfigs.length === 0 ? {} : { eniConfigs: Object.fromEntries(plan.eniConfigs.map(({ zone, subnet }) => [zone, subnet])) }),
    workload: {
      duration: `${upgradeAtMinutes(size) + upgradeMinutes(size)}m`,
      daemonPods: size.podsPerNode - Math.ceil(size.pods / size.nodes),
      shapes: shapesOf(size),
    },
    changes: plan.nodeGroups.map((group) => ({
      at: `${upgradeAtMinutes(size)}m`,
      replaceNodes: {
        group: group.name,
        maxUnavailable: Math.max(1, Math.ceil(size.surgeNodes / groups)),
        launchFirst: size.surgeNodes > 0,
      },
    })),
    quotas: { networkInterfaces: plan.quotas.networkInterfaces },
  };
}

function shapesOf({ nodes, pods, isolatedPods }: SizeAt): NonNullable<NonNullable<ClusterFileInput["workload"]>["shapes"]> {
  const steady = { shape: "steady" as const, startWithin: `${startMinutes(nodes)}m` };
  return [
    { ...steady, name: "workload", pods: pods - CLUSTER_DNS_PODS - isolatedPods },
    ...(isolatedPods === 0 ? [] : [{ ...steady, name: "isolated", pods: isolatedPods, isolated: true }]),
  ];
}

/** A file knows no VPC without a way out: subnets of one are public there, which a simulation takes no notice of. */
function subnetOf(
  { name, zone, cidr, role, tags, reservations }: PlannedSubnet,
  { vpc: { internet } }: Plan,
): ClusterFileInput["vpc"]["subnets"][number] {
  return {
    name,
    zone,
    cidr,
    kind: role === "public" || internet !== "nat" ? "public" : "private",
    for: role === "nodes" ? "nodes" : "pods",
    ...(reservations.length === 0 ? {} : { reservations: reservations.map((range) => ({ cidr: range, type: "prefix" as const })) }),
    ...(role === "nodes" ? { otherTenants: { addresses: LOAD_BALANCER, placement: "packed" as const } } : {}),
    tags: { ...tags },
  };
}

/** EC2's token buckets let a fleet start at about five nodes a second. */
function startMinutes(nodes: number): number {
  return 5 + Math.ceil(nodes / 100);
}

/**
 * A branch ENI is made when its pod has a node, and EC2's buckets fill by five of each call a second, for all nodes and for what is deleted besides: thousands
 * of such pods take longer than their nodes do. Two a second, trunks among them, leaves time.
 */
function branchMinutes({ nodes, isolatedPods }: SizeAt): number {
  return isolatedPods === 0 ? 0 : Math.ceil((nodes + isolatedPods) / 120);
}

function upgradeAtMinutes(size: SizeAt): number {
  return startMinutes(size.nodes) * 2 + branchMinutes(size);
}

/** Wave by wave: each launches as many nodes as the surge has, waits for them, and drains as many; branches are deleted and made again. */
function upgradeMinutes(size: SizeAt): number {
  return Math.ceil(size.nodes / Math.max(1, size.surgeNodes)) * 3 + 15 + 2 * branchMinutes(size);
}
