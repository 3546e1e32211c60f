import { cidr4Size, formatCidr4, type Cidr4 } from "@slash28/address";
import type { Candidate } from "./candidate.ts";
import { INTERFACE_ENDPOINTS } from "./interface-endpoints.ts";
import { MODES } from "./mode.ts";
import type { Needs } from "./needs.ts";

/** Why this mode, in the numbers of these needs. */
export function reasonsFor(candidate: Candidate, needs: Needs): readonly string[] {
  const { mode, planned, need, sizes, routable, podRanges } = candidate;
  const { hasPodSubnets, usesPrefixes, isIpv6, isVpcCni } = MODES[mode];
  const zones = `${needs.zones.length} zones`;
  const types = sizes.map((size) => `${size.instanceType} runs ${size.maxPods} pods`).join(", ");
  const size = `${planned.nodes} nodes + ${planned.surgeNodes} in an upgrade carry ${planned.pods} pods after ${needs.months} months: ${types}`;
  if (!isVpcCni) {
    return [size, `each node takes 1 address of ${list(routable)}, and pods none: they have addresses the VPC does not know`];
  }
  if (isIpv6) {
    return [
      size,
      "the workload is ready for IPv6 and the cluster new: every pod has an address of its node's /80, and no IPv4 range runs out of them",
      `IPv4 is taken by nodes only: ${need.nodeArithmetic} addresses in each of ${zones}`,
    ];
  }
  if (hasPodSubnets) {
    return [
      size,
      `pods take ${need.podArithmetic} addresses in each of ${zones}, of ${list(podRanges)}, which is not routed outside the VPC`,
      `of ${list(routable)} nodes take ${need.nodeArithmetic} in each of ${zones}`,
      ...(usesPrefixes
        ? ["a prefix is one call of EC2 for 16 pods, and lets a node run more pods than it has slots", ...reservationReason(candidate)]
        : []),
    ];
  }
  return [
    size,
    `nodes and pods take ${need.nodeArithmetic} addresses in each of ${zones}, and ${list(routable)} has them`,
    ...(usesPrefixes ? reservationReason(candidate) : []),
  ];
}

/** Single addresses fall anywhere: so many of a subnet's blocks have one, on average, when `singles` of them are scattered over all blocks. */
function brokenBlocks(blocks: number, singles: number): number {
  return Math.round(blocks * (1 - (1 - 1 / blocks) ** singles));
}

/** Why most of a subnet is set aside for prefixes, in its own numbers. */
function reservationReason({ mode, subnets, need }: Candidate): readonly string[] {
  const subnet = subnets.find(({ role }) => role === (MODES[mode].hasPodSubnets ? "pods" : "nodes"));
  if (subnet === undefined) return [];
  const blocks = cidr4Size(subnet.cidr) / 16;
  return [
    `prefixes have a reservation: EC2 gives single addresses anywhere in a subnet, and each breaks a /28; ${need.singles} of them would break about ${brokenBlocks(blocks, need.singles)} of ${blocks}, and prefixes need whole ones`,
  ];
}

/** Why a mode that would do is not the plan's. */
export function whyNotPreferred(other: Candidate, chosen: Candidate): string {
  const { isIpv6, isVpcCni, hasPodSubnets, usesPrefixes } = MODES[other.mode];
  if (!isVpcCni)
    return "pods would have no VPC addresses: no security groups of their own, no flow logs by pod, load balancers reach them through nodes only";
  if (isIpv6) return "would do";
  const fewer = other.planned.nodes - chosen.planned.nodes;
  if (fewer > 0) {
    const types = other.sizes.map((size) => `${size.instanceType} runs ${size.maxPods} pods`).join(", ");
    return `${types}: ${other.planned.pods} pods need ${other.planned.nodes} nodes instead of ${chosen.planned.nodes}`;
  }
  if (MODES[chosen.mode].isIpv6)
    return `would take ${other.need.nodeSubnet + other.need.podSubnet} IPv4 addresses in each zone, instead of ${chosen.need.nodeSubnet}`;
  if (hasPodSubnets)
    return `the routable ranges carry pods, too (${chosen.need.nodeSubnet} addresses a zone); ENIConfigs and a second range would be more to run, and the primary ENI would carry no pods`;
  const pods = chosen.planned.podsPerNode;
  if (!usesPrefixes)
    return `would take ${other.need.nodeSubnet} addresses a zone, and nearly a call of EC2 for each pod; prefixes need one for 16 (${pods} pods a node: ${Math.ceil(pods / 16) + 1} calls)`;
  return `would take ${other.need.nodeSubnet} addresses a zone, instead of ${chosen.need.nodeSubnet}`;
}

/** What somebody who carries the plan out should know. */
export function notesOn(candidate: Candidate, needs: Needs, quota: number): readonly string[] {
  return [
    ...sizeNotes(candidate, needs),
    ...modeNotes(candidate, needs),
    ...branchNotes(candidate),
    ...internetNotes(needs),
    ...quotaNotes(candidate, needs, quota),
  ];
}

function internetNotes({ internet }: Needs): readonly string[] {
  switch (internet) {
    case "nat":
      return [];
    case "public":
      return ["nodes have public addresses: their security groups alone keep the internet out"];
    case "none":
      return [
        `no way to the internet: images come from ECR, AWS is reached through endpoints (S3's gateway and ${INTERFACE_ENDPOINTS.join(", ")}), and kubectl from inside the VPC or what is connected to it`,
      ];
    default:
      return internet satisfies never;
  }
}

function sizeNotes({ mode, planned, sizes, today }: Candidate, needs: Needs): readonly string[] {
  const notes: string[] = [];
  if (planned.boundBy === "max-pods") {
    notes.push(`${planned.pods} pods need ${planned.nodes} nodes by max pods; CPU and memory alone would need ${needs.nodes} today`);
  }
  if (needs.podsPerNodeByCompute !== undefined && today.nodes !== needs.nodes) {
    const room = `a node has room for ${sizes[0]?.places ?? 0} of them`;
    notes.push(`today's ${needs.pods} pods need ${today.nodes} nodes, where ${needs.nodes} are stated: ${room}`);
  }
  if (MODES[mode].isVpcCni && sizes.length > 1) {
    notes.push("one node group per instance type: EKS gives a mixed group the least max pods of its types");
  }
  return notes;
}

/** EC2's buckets for making an ENI, and for tying it to a trunk, fill by this a second. */
const BRANCHES_PER_SECOND = 5;

function branchNotes({ planned: { isolatedPods } }: Candidate): readonly string[] {
  const minutes = Math.round(isolatedPods / BRANCHES_PER_SECOND / 60);
  return minutes === 0
    ? []
    : [
        `EC2 lets an account make about ${BRANCHES_PER_SECOND} branch ENIs a second: ${isolatedPods} pods that start anew wait up to ${minutes} minutes for theirs`,
      ];
}

function modeNotes({ mode }: Candidate, needs: Needs): readonly string[] {
  const { usesPrefixes, hasPodSubnets, isIpv6, isVpcCni } = MODES[mode];
  if (!isVpcCni) {
    return [
      "an overlay (Cilium, Calico) is installed instead of vpc-cni; slash28 neither simulates nor runs it: its files make network, cluster and nodes, and overlay.md says in which order",
    ];
  }
  const notes: string[] = [];
  if (isIpv6) {
    notes.push(
      "an IPv6 cluster stays one for its life; pods reach IPv4 through their node's address, and DNS64 must be off in their subnets",
    );
  }
  if (!needs.isNewCluster) {
    if (hasPodSubnets) notes.push("only nodes launched after the change use the ENIConfigs: replace the old ones, group by group");
    if (usesPrefixes) notes.push("old nodes keep their old max pods: replace them, in new node groups");
  }
  if (needs.isolatedPods > 0) {
    notes.push("SecurityGroupPolicies must name groups that let DNS out and kubelet's probes in; pods that none matches keep the node's");
  }
  return notes;
}

function quotaNotes({ need }: Candidate, { eniQuota }: Needs, quota: number): readonly string[] {
  if (need.enis <= eniQuota) return [];
  return [
    `${need.enis} ENIs are more than the quota of ${eniQuota}: have "Network interfaces per Region" (L-DF5E4CA3) raised to ${quota} before`,
  ];
}

function list(ranges: readonly Cidr4[]): string {
  const total = ranges.reduce((sum, range) => sum + cidr4Size(range), 0);
  return `${ranges.map(formatCidr4).join(", ")} (${total} addresses)`;
}
