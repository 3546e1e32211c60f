import { formatCidr4, parseCidr4, type Cidr4, type SecurityGroupId, type SubnetId, type VpcId } from "@slash28/address";
import { z } from "zod";
import type { SeenReservation, SeenRouteTable, SeenRule, SeenSecurityGroup, SeenSubnet, SeenVpc } from "./aws-objects.ts";
import { id, listOf, maybe, range4, tagList, text } from "./item-reader.ts";
import { present } from "./present-fields.ts";

export const subnetSchema: z.ZodType<SeenSubnet> = z
  .object({
    SubnetId: id<SubnetId>(),
    VpcId: maybe(id<VpcId>()),
    AvailabilityZone: text,
    CidrBlock: range4,
    AvailableIpAddressCount: z.int().min(0),
    Ipv6CidrBlockAssociationSet: listOf(z.object({ Ipv6CidrBlock: maybe(text) })),
    EnableDns64: maybe(z.boolean()),
    Tags: tagList,
  })
  .transform((subnet): SeenSubnet => ({
    id: subnet.SubnetId,
    ...present({ vpcId: subnet.VpcId }),
    zone: subnet.AvailabilityZone,
    cidr: subnet.CidrBlock,
    free: subnet.AvailableIpAddressCount,
    hasIpv6: subnet.Ipv6CidrBlockAssociationSet.length > 0,
    hasDns64: subnet.EnableDns64 === true,
    tags: subnet.Tags,
  }));

export const reservationSchema: z.ZodType<SeenReservation> = z
  .object({ SubnetId: id<SubnetId>(), Cidr: range4, ReservationType: z.enum(["prefix", "explicit"]) })
  .transform(({ SubnetId, Cidr, ReservationType }): SeenReservation => ({
    subnetId: SubnetId,
    cidr: Cidr,
    kind: ReservationType,
  }));

/** A CIDR that is being taken away, or that failed, is none of the VPC's. */
const GONE = new Set(["disassociating", "disassociated", "failing", "failed"]);

export const vpcSchema: z.ZodType<SeenVpc> = z
  .object({
    VpcId: id<VpcId>(),
    CidrBlock: maybe(range4),
    CidrBlockAssociationSet: listOf(z.object({ CidrBlock: range4, CidrBlockState: maybe(z.object({ State: maybe(text) })) })),
  })
  .transform(({ VpcId, CidrBlock, CidrBlockAssociationSet }): SeenVpc => {
    const held = CidrBlockAssociationSet.filter(({ CidrBlockState }) => !GONE.has(CidrBlockState?.State ?? "")).map(
      (each) => each.CidrBlock,
    );
    const all = [...(CidrBlock === undefined ? [] : [CidrBlock]), ...held];
    return { id: VpcId, cidrs: [...new Map(all.map((range): [string, Cidr4] => [formatCidr4(range), range])).values()] };
  });

export const routeTableSchema: z.ZodType<SeenRouteTable> = z
  .object({
    RouteTableId: text,
    VpcId: maybe(id<VpcId>()),
    Associations: listOf(z.object({ Main: maybe(z.boolean()), SubnetId: maybe(id<SubnetId>()) })),
    Routes: listOf(z.object({ GatewayId: maybe(text), State: maybe(text) })),
  })
  .transform(({ RouteTableId, VpcId, Associations, Routes }): SeenRouteTable => ({
    id: RouteTableId,
    ...present({ vpcId: VpcId }),
    isMain: Associations.some(({ Main }) => Main === true),
    subnetIds: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
    hasInternetGateway: Routes.some(({ GatewayId }) => GatewayId?.startsWith("igw-") === true),
  }));

const permission = z
  .object({
    IpProtocol: text,
    FromPort: maybe(z.number()),
    ToPort: maybe(z.number()),
    IpRanges: listOf(z.object({ CidrIp: maybe(text) })),
    Ipv6Ranges: listOf(z.object({ CidrIpv6: maybe(text) })),
    UserIdGroupPairs: listOf(z.object({ GroupId: maybe(id<SecurityGroupId>()) })),
    PrefixListIds: listOf(z.object({ PrefixListId: maybe(text) })),
  })
  .transform((rule): SeenRule => {
    const { FromPort: from, ToPort: to } = rule;
    return {
      protocol: rule.IpProtocol,
      ...present({ ports: from === undefined || to === undefined || from < 0 ? undefined : { from, to } }),
      cidrs: rule.IpRanges.flatMap(({ CidrIp }) => (CidrIp === undefined ? [] : (parseCidr4(CidrIp) ?? []))),
      ipv6Cidrs: rule.Ipv6Ranges.flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
      groupIds: rule.UserIdGroupPairs.flatMap(({ GroupId }) => GroupId ?? []),
      prefixListIds: rule.PrefixListIds.flatMap(({ PrefixListId }) => PrefixListId ?? []),
    };
  });

export const securityGroupSchema: z.ZodType<SeenSecurityGroup> = z
  .object({
    GroupId: id<SecurityGroupId>(),
    GroupName: maybe(text),
    IpPermissions: listOf(permission),
    IpPermissionsEgress: listOf(permission),
  })
  .transform(({ GroupId, GroupName, IpPermissions, IpPermissionsEgress }): SeenSecurityGroup => ({
    id: GroupId,
    name: GroupName ?? GroupId,
    ingress: IpPermissions,
    egress: IpPermissionsEgress,
  }));
