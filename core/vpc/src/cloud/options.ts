import type { Cidr4, Cidr6 } from "@slash28/address";
import type { InstanceLimits } from "@slash28/limits";

export interface Zone {
  /** `us-east-1a` */
  readonly name: string;
  /** `use1-az1` */
  readonly id: string;
}

/** Quotas of the account in its Region (AWS: "Amazon VPC quotas"); the defaults are AWS's. */
export interface Quotas {
  readonly vpcs: number;
  readonly cidrsPerVpc: number;
  readonly ipv6CidrsPerVpc: number;
  readonly subnetsPerVpc: number;
  readonly enis: number;
  readonly groups: number;
  readonly groupsPerEni: number;
  /** Counted apart for ingress and egress, and for IPv4 and IPv6. */
  readonly rulesPerGroup: number;
  readonly routeTablesPerVpc: number;
  readonly routesPerTable: number;
  readonly internetGateways: number;
  readonly egressOnlyGateways: number;
  readonly elasticAddresses: number;
  readonly natGatewaysPerZone: number;
}

export interface CloudOptions {
  readonly region: string;
  readonly zones: readonly Zone[];
  readonly accountId: string;
  /** Ids, MACs and scattered addresses follow from it. 0 when absent. */
  readonly seed?: number;
  /**
   * How addresses that nobody named are chosen. `lowest`: the lowest free one. `scatter`: anywhere free, by the seed, which is closer to EC2
   * and breaks up /28 blocks as EC2 does. `lowest` when absent.
   */
  readonly pick?: "lowest" | "scatter";
  /**
   * When attaching, detaching and starting or ending an instance take effect. `at-once`: within the call. `by-caller`: the object stays in
   * its passing state until `settleAttachment` or `settleInstance`. `at-once` when absent.
   */
  readonly settle?: "at-once" | "by-caller";
  readonly quotas?: Partial<Quotas>;
  /** Where public addresses come from. 198.18.0.0/16 (RFC 2544, never on the internet) when absent. */
  readonly publicPool?: Cidr4;
  /** Where VPCs get their IPv6 blocks from. 2001:db8:8000::/33 (RFC 3849, never on the internet) when absent. */
  readonly ipv6Pool?: Cidr6;
  /** What an instance type allows; `@slash28/limits` when absent. */
  readonly limitsOf?: (instanceType: string) => InstanceLimits | undefined;
}
