import type { Id } from "@slash28/address";

export type CidrAssociationId = Id<"vpc-cidr-assoc">;
export type CidrReservationId = Id<"scr">;
export type RouteTableId = Id<"rtb">;
export type RouteTableAssociationId = Id<"rtbassoc">;
export type InternetGatewayId = Id<"igw">;
export type SecurityGroupRuleId = Id<"sgr">;
export type LaunchTemplateId = Id<"lt">;
export type ReservationId = Id<"r">;
