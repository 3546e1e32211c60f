import type { Cidr4, Cidr6, EniId, InstanceId, Ipv4, Ipv6, Mac, SecurityGroupId } from "@slash28/address";

/** What the fabric carries at one moment: the running instances, their attached ENIs, and what those may send and receive. */
export interface Topology {
  readonly vpcCidrs: readonly Cidr4[];
  readonly vpcIpv6Cidrs: readonly Cidr6[];
  readonly hasInternetGateway: boolean;
  readonly instances: readonly FabricInstance[];
  readonly groups: readonly FabricGroup[];
  /** The route tables that ENIs and NAT gateways follow. */
  readonly routeTables: readonly FabricRouteTable[];
  /** NAT gateways that work. */
  readonly natGateways: readonly FabricNatGateway[];
}

export interface FabricRouteTable {
  readonly id: string;
  readonly routes: readonly FabricRoute[];
  readonly ipv6Routes: readonly FabricIpv6Route[];
}

export interface FabricIpv6Route {
  readonly destination: Cidr6;
  readonly to: "nowhere" | "local" | "internet" | "egress-only";
}

/** Where packets to a range go: nowhere, within the VPC, through the internet gateway, or to a NAT gateway by its id. */
export interface FabricRoute {
  readonly destination: Cidr4;
  readonly to: "nowhere" | "local" | "internet" | { readonly nat: string };
}

export interface FabricNatGateway {
  readonly id: string;
  /** The table of its own subnet: what it sends on goes by that. */
  readonly routeTable: string;
  /** Absent for a private one, which no internet gateway serves. */
  readonly publicAddress?: Ipv4;
}

export interface FabricInstance {
  readonly id: InstanceId;
  /** Attached ENIs, then the branches of those that are trunks; the one with device index 0 on card 0 is the primary. */
  readonly enis: readonly FabricEni[];
}

export interface FabricEni {
  readonly id: EniId;
  readonly mac: Mac;
  readonly deviceIndex: number;
  /** A branch ENI's: its packets travel on its trunk's link under this VLAN id. */
  readonly vlan?: { readonly trunk: EniId; readonly id: number };
  readonly subnet: Cidr4;
  readonly primaryAddress: Ipv4;
  /** Every range the ENI owns: its addresses as /32 and its prefixes. */
  readonly owned: readonly Cidr4[];
  /** Its IPv6 addresses as /128 and its prefixes. */
  readonly ownedIpv6: readonly Cidr6[];
  /** The one that the instance's operating system takes. */
  readonly ipv6Address?: Ipv6;
  readonly groups: readonly SecurityGroupId[];
  /** EC2's source/destination check; off, the ENI may send with any source. */
  readonly checkSource: boolean;
  /** The table its subnet follows. */
  readonly routeTable: string;
  /** What the internet gateway translates the ENI's own addresses to: the public address given at launch, Elastic IPs. */
  readonly publicAddresses: ReadonlyArray<{ readonly own: Ipv4; readonly open: Ipv4 }>;
}

export interface FabricGroup {
  readonly id: SecurityGroupId;
  readonly ingress: readonly FabricRule[];
  readonly egress: readonly FabricRule[];
}

/** One permission: what protocol and ports, and which peers. */
export interface FabricRule {
  readonly traffic:
    | "all"
    | { readonly protocol: "tcp" | "udp"; readonly fromPort: number; readonly toPort: number }
    | { readonly protocol: "icmp" | "icmpv6" };
  readonly peer:
    | { readonly kind: "cidr"; readonly cidr: Cidr4 }
    | { readonly kind: "cidr6"; readonly cidr: Cidr6 }
    | { readonly kind: "group"; readonly id: SecurityGroupId };
}
