/** Ways to give pods addresses. */
export type PlanMode = "secondary" | "prefix" | "custom" | "custom-prefix" | "ipv6" | "overlay";

/** What a mode means for nodes and subnets. */
export interface ModeTraits {
  readonly title: string;
  readonly usesPrefixes: boolean;
  /** Pods have subnets of their own; the primary ENI carries none. */
  readonly hasPodSubnets: boolean;
  readonly isIpv6: boolean;
  /** False: another CNI gives pods addresses that the VPC does not know. */
  readonly isVpcCni: boolean;
}

export const MODES: Readonly<Record<PlanMode, ModeTraits>> = {
  secondary: traits("single addresses of the nodes' subnets", {}),
  prefix: traits("prefixes of the nodes' subnets", { usesPrefixes: true }),
  custom: traits("custom networking: single addresses of subnets for pods", { hasPodSubnets: true }),
  "custom-prefix": traits("custom networking with prefixes: /28s of subnets for pods", { usesPrefixes: true, hasPodSubnets: true }),
  ipv6: traits("IPv6 pods", { usesPrefixes: true, isIpv6: true }),
  overlay: traits("an overlay: not the VPC CNI", { isVpcCni: false }),
};

function traits(title: string, over: Partial<ModeTraits>): ModeTraits {
  return { title, usesPrefixes: false, hasPodSubnets: false, isIpv6: false, isVpcCni: true, ...over };
}
