import type { Id } from "@slash28/address";

export type CidrAssociationId = Id<"vpc-cidr-assoc">;
export type CidrReservationId = Id<"scr">;
export type RouteTableId = Id<"rtb">;
export type RouteTableAssociationId = Id<"rtbassoc">;
export type InternetGatewayId = Id<"igw">;
export type SecurityGroupRuleId = Id<"sgr">;
export type LaunchTemplateId = Id<"lt">;
export type ReservationId = Id<"r">;
export type SubnetCidrAssociationId = Id<"subnet-cidr-assoc">;
export type ElasticAddressId = Id<"eipalloc">;
export type ElasticAssociationId = Id<"eipassoc">;
export type NatGatewayId = Id<"nat">;
export type EgressOnlyGatewayId = Id<"eigw">;
export type TrunkAssociationId = Id<"trunk-assoc">;
export type EniPermissionId = Id<"eni-perm">;
export type NetworkAclId = Id<"acl">;
export type NetworkAclAssociationId = Id<"aclassoc">;
