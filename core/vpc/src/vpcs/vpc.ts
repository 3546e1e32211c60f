import type { Cidr4, SecurityGroupId, VpcId } from "@slash28/address";
import type { CidrAssociationId, RouteTableId } from "../ids.ts";
import type { Tags } from "../tags/tag.ts";

/** An IPv4 block of a VPC. */
export interface CidrAssociation {
  readonly id: CidrAssociationId;
  readonly cidr: Cidr4;
}

export interface Vpc {
  readonly id: VpcId;
  readonly ownerId: string;
  /** The first one is the primary block; it never changes. */
  readonly cidrs: readonly CidrAssociation[];
  readonly hasDnsSupport: boolean;
  readonly hasDnsHostnames: boolean;
  readonly mainRouteTableId: RouteTableId;
  readonly defaultGroupId: SecurityGroupId;
  readonly tags: Tags;
}

export interface CreateVpcInput {
  readonly cidr: Cidr4;
  readonly tags?: Tags;
}

export interface ModifyVpcInput {
  readonly vpcId: VpcId;
  readonly change: { readonly attribute: "dns-support" | "dns-hostnames"; readonly value: boolean };
}

export interface AssociateVpcCidrInput {
  readonly vpcId: VpcId;
  readonly cidr: Cidr4;
}
