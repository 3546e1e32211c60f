import type { CidrRange, EniId, SubnetId, VpcId } from "@slash28/address";
import type { EgressOnlyGatewayId, InternetGatewayId, NatGatewayId, RouteTableAssociationId, RouteTableId } from "../ids.ts";
import type { Tags } from "../tags/tag.ts";

export interface RouteTable {
  readonly id: RouteTableId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  /** The local routes of the VPC's blocks come first. */
  readonly routes: readonly Route[];
  readonly associations: readonly RouteTableAssociation[];
  readonly tags: Tags;
}

export interface Route {
  readonly destination: CidrRange;
  readonly target: RouteTarget;
}

export type RouteTarget =
  | { readonly kind: "local" }
  | { readonly kind: "internet-gateway"; readonly gatewayId: InternetGatewayId }
  | { readonly kind: "egress-only-gateway"; readonly gatewayId: EgressOnlyGatewayId }
  | { readonly kind: "nat-gateway"; readonly natGatewayId: NatGatewayId }
  | { readonly kind: "eni"; readonly eniId: EniId };

/** The main table serves every subnet that has no association of its own. */
export type RouteTableAssociation =
  | { readonly kind: "main"; readonly id: RouteTableAssociationId }
  | { readonly kind: "subnet"; readonly id: RouteTableAssociationId; readonly subnetId: SubnetId };

export interface InternetGateway {
  readonly id: InternetGatewayId;
  readonly ownerId: string;
  /** Absent while attached to no VPC. */
  readonly vpcId?: VpcId;
  readonly tags: Tags;
}

/** Lets IPv6 connections out and none in. */
export interface EgressOnlyGateway {
  readonly id: EgressOnlyGatewayId;
  readonly vpcId: VpcId;
  readonly tags: Tags;
}

export interface RouteInput extends Route {
  readonly routeTableId: RouteTableId;
}
