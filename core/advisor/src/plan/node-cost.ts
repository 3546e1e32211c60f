import { MODES, type PlanMode } from "./mode.ts";
import type { NodeSize } from "./node-size.ts";

const PREFIX_SIZE = 16;
/** Free addresses kept ready beyond the pods, in the modes that count single ones. */
export const WARM_ADDRESSES = 2;

/** Addresses that one node takes from its own subnet, and from the subnet for pods of its zone. */
export interface NodeCost {
  readonly fromNodeSubnet: number;
  readonly fromPodSubnet: number;
  /** Of both: addresses of prefixes, which need whole /28 blocks. */
  readonly inPrefixes: number;
  /** ENIs the node has, a trunk among them. */
  readonly enis: number;
  /** `1 ENI + 3 prefixes × 16`. */
  readonly arithmetic: string;
}

/** What a node holds once it has settled with so many pods with addresses, by the warm targets that the plan sets. */
export function nodeCostOf(mode: PlanMode, size: NodeSize, pods: number, hasTrunk: boolean): NodeCost {
  const { usesPrefixes, hasPodSubnets, isIpv6, isVpcCni } = MODES[mode];
  const trunk = isVpcCni && hasTrunk ? 1 : 0;
  if (!isVpcCni || isIpv6) {
    return { fromNodeSubnet: 1 + trunk, fromPodSubnet: 0, inPrefixes: 0, enis: 1 + trunk, arithmetic: enisText(1, trunk) };
  }
  const most = size.maxPods - 2;
  const prefixes = usesPrefixes ? Math.min(Math.ceil(pods / PREFIX_SIZE) + 1, Math.ceil(most / PREFIX_SIZE)) : 0;
  const held = usesPrefixes ? prefixes * PREFIX_SIZE : Math.min(pods + WARM_ADDRESSES, most);
  const carrying = Math.max(1, Math.ceil((usesPrefixes ? prefixes : held) / size.slotsPerEni));
  const what = usesPrefixes ? `${prefixes} prefixes × ${PREFIX_SIZE}` : `${held} addresses`;
  const taken = carrying + trunk + held;
  return {
    fromNodeSubnet: hasPodSubnets ? 1 : taken,
    fromPodSubnet: hasPodSubnets ? taken : 0,
    inPrefixes: usesPrefixes ? held : 0,
    enis: carrying + trunk + (hasPodSubnets ? 1 : 0),
    arithmetic: `${enisText(carrying, trunk)} + ${what}`,
  };
}

function enisText(carrying: number, trunk: number): string {
  return `${carrying} ENI${carrying === 1 ? "" : "s"}${trunk === 0 ? "" : " + 1 trunk"}`;
}
