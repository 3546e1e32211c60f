import type { Demand } from "./demand.ts";
import { MODES, type PlanMode } from "./mode.ts";
import type { Needs } from "./needs.ts";
import { nodeCostOf, type NodeCost } from "./node-cost.ts";
import { INTERFACE_ENDPOINTS } from "./interface-endpoints.ts";
import type { NodeSize } from "./node-size.ts";

/** What AWS wants free in a subnet for a load balancer. */
const LOAD_BALANCER = 8;
/** Interface endpoints of a VPC without a way to the internet: one address in each zone for each (`interface-endpoints.ts`). */
const ENDPOINTS = INTERFACE_ENDPOINTS.length;
/** A subnet's first block and its last each lose addresses to EC2, and then are no prefix. */
const BLOCKS_LOST = 32;

/** Addresses that one zone's subnets must give, with the numbers they are made of. */
export interface ZoneNeed {
  /** Nodes that may be in it at one time. */
  readonly nodes: number;
  readonly nodeSubnet: number;
  readonly podSubnet: number;
  /** Of the subnet that pods' ENIs are in: addresses that are no prefix. */
  readonly singles: number;
  readonly nodeArithmetic: string;
  readonly podArithmetic: string;
  /** Of all nodes in all zones. */
  readonly enis: number;
}

/** What the fullest zone needs while an upgrade runs. */
export function zoneNeedOf(mode: PlanMode, sizes: readonly NodeSize[], demand: Demand, needs: Needs): ZoneNeed {
  const { hasPodSubnets, usesPrefixes, isIpv6, isVpcCni } = MODES[mode];
  const all = demand.nodes + demand.surgeNodes;
  // New nodes of an upgrade may all fall into the zone whose old ones go last.
  const nodes = Math.ceil(demand.nodes / needs.zones.length) + demand.surgeNodes;
  const branches = isVpcCni ? Math.ceil(demand.isolatedPods / needs.zones.length) : 0;
  const cost = dearest(sizes.map((size) => nodeCostOf(mode, size, podsOn(size, demand, needs), demand.isolatedPods > 0)));
  const lost = usesPrefixes && !isIpv6 ? BLOCKS_LOST : 0;
  const nodeBranches = hasPodSubnets ? 0 : branches;
  const endpoints = needs.internet === "none" ? ENDPOINTS : 0;
  const inNodeSubnet = nodes * cost.fromNodeSubnet + nodeBranches + LOAD_BALANCER + endpoints + (hasPodSubnets ? 0 : lost);
  const inPodSubnet = hasPodSubnets ? nodes * cost.fromPodSubnet + branches + lost : 0;
  const branchText = branches === 0 ? "" : ` + ${branches} branch ENIs`;
  const lostText = lost === 0 ? "" : ` + ${lost} of blocks that EC2 breaks up`;
  const perNode = hasPodSubnets ? "1 ENI" : cost.arithmetic;
  return {
    nodes,
    nodeSubnet: inNodeSubnet,
    podSubnet: inPodSubnet,
    singles: nodes * (Math.max(cost.fromNodeSubnet, cost.fromPodSubnet) - cost.inPrefixes) + branches + LOAD_BALANCER + endpoints,
    nodeArithmetic: `${nodes} nodes × (${perNode})${hasPodSubnets ? "" : branchText + lostText} + ${LOAD_BALANCER} for load balancers${endpoints === 0 ? "" : ` + ${endpoints} VPC endpoints`} = ${inNodeSubnet}`,
    podArithmetic: `${nodes} nodes × (${cost.arithmetic})${branchText}${lostText} = ${inPodSubnet}`,
    enis: all * cost.enis + (isVpcCni ? demand.isolatedPods : 0),
  };
}

/** Pods go where there is room, so a type has no more than its places, and the average otherwise. */
function podsOn(size: NodeSize, demand: Demand, needs: Needs): number {
  return Math.min(demand.podsPerNode, size.places + needs.daemonPods);
}

function dearest(costs: readonly NodeCost[]): NodeCost {
  const sum = (cost: NodeCost): number => cost.fromNodeSubnet + cost.fromPodSubnet;
  const [first, ...rest] = costs;
  if (first === undefined) throw new RangeError("a plan needs an instance type");
  return rest.reduce((most, cost) => (sum(cost) > sum(most) ? cost : most), first);
}
