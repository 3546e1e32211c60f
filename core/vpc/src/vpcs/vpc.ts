import type { Cidr4, Cidr6, SecurityGroupId, VpcId } from "@slash28/address";
import type { CidrAssociationId, NetworkAclId, RouteTableId } from "../ids.ts";
import type { Tags } from "../tags/tag.ts";

/** An IPv4 block of a VPC. */
export interface CidrAssociation {
  readonly id: CidrAssociationId;
  readonly cidr: Cidr4;
}

/** An IPv6 block of a VPC: a /56 of Amazon's. */
export interface Ipv6CidrAssociation {
  readonly id: CidrAssociationId;
  readonly cidr: Cidr6;
}

export interface Vpc {
  readonly id: VpcId;
  readonly ownerId: string;
  /** The first one is the primary block; it never changes. */
  readonly cidrs: readonly CidrAssociation[];
  readonly ipv6Cidrs: readonly Ipv6CidrAssociation[];
  readonly hasDnsSupport: boolean;
  readonly hasDnsHostnames: boolean;
  readonly hasAddressUsageMetrics: boolean;
  readonly mainRouteTableId: RouteTableId;
  readonly defaultGroupId: SecurityGroupId;
  /** The network ACL that serves every subnet: it lets everything through, and there is no other. */
  readonly networkAclId: NetworkAclId;
  readonly tags: Tags;
}

export interface CreateVpcInput {
  readonly cidr: Cidr4;
  /** Asks for an IPv6 block of Amazon's at once. */
  readonly hasIpv6?: boolean;
  readonly tags?: Tags;
}

export interface ModifyVpcInput {
  readonly vpcId: VpcId;
  readonly change: { readonly attribute: "dns-support" | "dns-hostnames" | "address-usage-metrics"; readonly value: boolean };
}

export interface AssociateVpcCidrInput {
  readonly vpcId: VpcId;
  readonly cidr: Cidr4;
}

/** A block that came to a VPC or left it, of either family. */
export interface VpcCidrChange {
  readonly vpc: Vpc;
  readonly association?: CidrAssociation;
  readonly ipv6Association?: Ipv6CidrAssociation;
}
