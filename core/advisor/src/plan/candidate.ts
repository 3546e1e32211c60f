import { cidr4Size, formatCidr4, type Cidr4 } from "@slash28/address";
import { isAtLeast, parseCniVersion } from "@slash28/limits";
import { demandAt, type Demand } from "./demand.ts";
import { MODES, type PlanMode } from "./mode.ts";
import type { Needs } from "./needs.ts";
import { nodeSizeOf, type NodeSize } from "./node-size.ts";
import { layOut, lengthFor, type PlacedSubnet, type SubnetWish } from "./subnet-layout.ts";
import { defaultVpcRange, sharedRanges, VPC_CIDRS_MAX, vpcRanges } from "./vpc-ranges.ts";
import { zoneNeedOf, type ZoneNeed } from "./zone-need.ts";

/** A mode that carries the needs, with everything worked out. */
export interface Candidate {
  readonly mode: PlanMode;
  readonly sizes: readonly NodeSize[];
  readonly today: Demand;
  readonly planned: Demand;
  readonly need: ZoneNeed;
  readonly routable: readonly Cidr4[];
  readonly podRanges: readonly Cidr4[];
  readonly subnets: readonly PlacedSubnet[];
}

export type Tried = { readonly ok: true; readonly candidate: Candidate } | { readonly ok: false; readonly reason: string };

/** IPv6 pods with security groups of their own (AWS: "Security groups for Pods"). */
const ISOLATED_IPV6_SINCE = { major: 1, minor: 16, patch: 0 };
const ROOMY = 16_384;
const GROWN_MAX = 18;

/** Works a mode out, or says in numbers why it does not carry the needs. `spare` is the headroom, as a share. */
export function tryMode(mode: PlanMode, needs: Needs, spare: number): Tried {
  const unfit = unfitFor(mode, needs);
  if (unfit !== undefined) return no(unfit);
  const sizes: NodeSize[] = [];
  for (const type of needs.instanceTypes) {
    const sized = nodeSizeOf(type, mode, needs);
    if (!sized.ok) return no(sized.reason);
    sizes.push(sized.size);
  }
  const planned = demandAt(needs, sizes, needs.months);
  const branchFault = branchFaultOf(sizes, planned, needs);
  if (branchFault !== undefined) return no(branchFault);
  const need = zoneNeedOf(mode, sizes, planned, needs);
  if (MODES[mode].isIpv6 && need.nodes > IPV6_NODES_MAX) return no(tooManyForIpv6(need));
  const networked = network(mode, needs, need, spare);
  if (!networked.ok) return networked;
  return { ok: true, candidate: { mode, sizes, today: demandAt(needs, sizes, 0), planned, need, ...networked.value } };
}

/** A /64 has 65,536 /80, two of which EC2's own addresses break up. A node takes one, and its own address breaks up another at worst. */
const IPV6_NODES_MAX = 32_767;

function tooManyForIpv6({ nodes }: ZoneNeed): string {
  return `${nodes} nodes of one zone are more than the ${IPV6_NODES_MAX} that a subnet's /64 surely has a /80 for`;
}

function no(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** What no arithmetic can mend. */
function unfitFor(mode: PlanMode, needs: Needs): string | undefined {
  const { isIpv6, isVpcCni, hasPodSubnets } = MODES[mode];
  if (isIpv6) {
    if (!needs.isNewCluster) return "the cluster exists, and its address family is for life";
    if (!needs.isIpv6Ready) return "the needs say that not everything the workload runs on and talks to can do with IPv6";
    const version = parseCniVersion(needs.cniVersion);
    if (needs.isolatedPods > 0 && version !== undefined && !isAtLeast(version, ISOLATED_IPV6_SINCE)) {
      return `pods with security groups of their own have IPv6 from VPC CNI 1.16.0 on, and this is ${needs.cniVersion}`;
    }
  }
  if (!isVpcCni && needs.isolatedPods > 0)
    return `${needs.isolatedPods} pods want security groups of their own, which only the VPC CNI gives`;
  if (needs.arePodsReachedFromOutside && (!isVpcCni || hasPodSubnets)) {
    return "others outside the VPC open connections to pods, and these addresses are not routed there";
  }
  return undefined;
}

function branchFaultOf(sizes: readonly NodeSize[], planned: Demand, needs: Needs): string | undefined {
  if (needs.isolatedPods === 0) return undefined;
  const capacity = branchCapacity(sizes, planned.nodes);
  if (capacity >= planned.isolatedPods) return undefined;
  const each = sizes.map((size) => `${size.instanceType} ${size.branchPods}`).join(", ");
  return `${planned.isolatedPods} pods with security groups of their own need as many branch ENIs, and ${planned.nodes} nodes have ${capacity} (${each} each)`;
}

/** Branch ENIs of so many nodes, spread evenly over the types. */
export function branchCapacity(sizes: readonly NodeSize[], nodes: number): number {
  const each = Math.floor(nodes / sizes.length);
  return sizes.reduce((sum, size) => sum + size.branchPods * each, 0);
}

interface Network {
  readonly routable: readonly Cidr4[];
  readonly podRanges: readonly Cidr4[];
  readonly subnets: readonly PlacedSubnet[];
}

type Networked = { readonly ok: true; readonly value: Network } | { readonly ok: false; readonly reason: string };

function network(mode: PlanMode, needs: Needs, need: ZoneNeed, spare: number): Networked {
  const given =
    needs.routable.length > 0 ? vpcRanges(needs.routable, needs.avoid) : [defaultVpcRange(needs.avoid)].filter((one) => one !== undefined);
  if (given.length === 0)
    return no(`other networks take all of ${needs.routable.length > 0 ? needs.routable.map(formatCidr4).join(", ") : "RFC 1918"}`);
  const routable = given.slice(0, MODES[mode].hasPodSubnets ? VPC_CIDRS_MAX - 1 : VPC_CIDRS_MAX);
  const length = lengthFor(need.nodeSubnet * (1 + spare));
  const short = (): Networked =>
    no(
      `the nodes' subnets need ${need.nodeArithmetic} addresses in each of ${needs.zones.length} zones, ${percent(spare)} more for headroom` +
        `${length === undefined ? "" : ` (a /${length} each)`}, beside ${fixedText(routable, needs)}, and ${routable.map(formatCidr4).join(", ")} ${routable.length === 1 ? "has" : "have"} ${sizeOf(routable)} in all`,
    );
  if (length === undefined) return short();
  const placed = layOut(routable, needs.zones, [...fixedWishes(routable, needs), { role: "nodes", length, canGrow: true }]);
  if (placed === undefined) return short();
  if (!MODES[mode].hasPodSubnets) return { ok: true, value: { routable, podRanges: [], subnets: placed } };
  return withPodSubnets({ routable, podRanges: [], subnets: placed }, needs, need, spare);
}

function withPodSubnets(nodes: Network, needs: Needs, need: ZoneNeed, spare: number): Networked {
  const most = VPC_CIDRS_MAX - nodes.routable.length;
  const avoid = [...needs.avoid, ...nodes.routable];
  const length = lengthFor(need.podSubnet * (1 + spare));
  if (length === undefined) {
    return no(`pods of one zone need ${need.podArithmetic} addresses with ${percent(spare)} headroom, and a subnet has 65,531 at most`);
  }
  for (let count = 1; count <= most; count++) {
    const podRanges = needs.podRanges.length > 0 ? vpcRanges(needs.podRanges, needs.avoid, nodes.routable) : sharedRanges(count, avoid);
    const placed = layOut(podRanges, needs.zones, [{ role: "pods", length, canGrow: length > GROWN_MAX }]);
    if (placed !== undefined) return { ok: true, value: { ...nodes, podRanges, subnets: [...nodes.subnets, ...placed] } };
  }
  const where = needs.podRanges.length > 0 ? needs.podRanges.map(formatCidr4).join(", ") : `${most} free /16 of 100.64.0.0/10`;
  return no(
    `subnets for pods need ${need.podArithmetic} addresses (a /${length}) in each of ${needs.zones.length} zones, and ${where} cannot hold them`,
  );
}

/** Of their own: EKS's X-ENIs, which no node may crowd out; NAT gateways and load balancers of the internet (AWS wants a /27 for these), where there is a way to it. */
function fixedWishes(routable: readonly Cidr4[], { internet }: Needs): readonly SubnetWish[] {
  const open: SubnetWish = { role: "public", length: sizeOf(routable) >= ROOMY ? 24 : 27, canGrow: false };
  return [{ role: "cluster", length: 28, canGrow: false }, ...(internet === "none" ? [] : [open])];
}

function fixedText(routable: readonly Cidr4[], needs: Needs): string {
  const what = { cluster: "for EKS", public: "for the internet" } as const;
  return fixedWishes(routable, needs)
    .map(({ role, length }) => `a /${length} ${role === "public" ? what.public : what.cluster}`)
    .join(" and ");
}

function sizeOf(ranges: readonly Cidr4[]): number {
  return ranges.reduce((sum, range) => sum + cidr4Size(range), 0);
}

export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
