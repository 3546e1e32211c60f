import { formatCidr4, formatCidr6, type SubnetId } from "@slash28/address";
import type {
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  Subnet as WireSubnet,
  SubnetIpv6CidrBlockAssociation,
} from "@aws-sdk/client-ec2";
import type { Cloud, Subnet, SubnetIpv6Cidr } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";
import { tagSet } from "../../query/tag-specifications.ts";

export const describeSubnets = read<DescribeSubnetsRequest, DescribeSubnetsResult>("DescribeSubnets", (input, { cloud, call }) => {
  const all = answer(cloud.describeSubnets(namedIds<SubnetId>(input.SubnetIds), call));
  const { items, ...more } = page(
    filtered(all, input.Filters, () => filters(cloud)),
    input,
    { action: "DescribeSubnets", key: ({ id }) => id },
  );
  return { Subnets: items.map((subnet) => wireSubnet(cloud, subnet)), ...more };
});

export function wireSubnet(cloud: Cloud, subnet: Subnet): WireSubnet {
  return {
    SubnetId: subnet.id,
    SubnetArn: subnetArn(cloud, subnet),
    VpcId: subnet.vpcId,
    OwnerId: subnet.ownerId,
    State: "available",
    CidrBlock: formatCidr4(subnet.cidr),
    AvailableIpAddressCount: subnet.freeAddresses,
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: subnet.zoneId,
    DefaultForAz: false,
    MapPublicIpOnLaunch: subnet.hasPublicAddressOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: subnet.hasIpv6AddressOnCreation,
    EnableDns64: false,
    Ipv6Native: false,
    Ipv6CidrBlockAssociationSet: subnet.ipv6Cidr === undefined ? [] : [wireIpv6Cidr(subnet.ipv6Cidr, "associated")],
    PrivateDnsNameOptionsOnLaunch: { HostnameType: "ip-name", EnableResourceNameDnsARecord: false, EnableResourceNameDnsAAAARecord: false },
    Tags: tagSet(subnet.tags),
  };
}

export function wireIpv6Cidr(
  { id, cidr }: SubnetIpv6Cidr,
  state: "associating" | "associated" | "disassociating",
): SubnetIpv6CidrBlockAssociation {
  return {
    AssociationId: id,
    Ipv6CidrBlock: formatCidr6(cidr),
    Ipv6CidrBlockState: { State: state },
    Ipv6AddressAttribute: "public",
    IpSource: "amazon",
  };
}

function subnetArn(cloud: Cloud, { id, ownerId }: Subnet): string {
  return `arn:aws:ec2:${cloud.region}:${ownerId}:subnet/${id}`;
}

/** The filters EC2 documents for DescribeSubnets, of what the model knows. */
function filters(cloud: Cloud): FilterTable<Subnet> {
  const cidr = (subnet: Subnet): string => formatCidr4(subnet.cidr);
  const notDefault = (): boolean => false;
  return {
    "availability-zone": ({ zone }) => zone,
    availabilityZone: ({ zone }) => zone,
    "availability-zone-id": ({ zoneId }) => zoneId,
    availabilityZoneId: ({ zoneId }) => zoneId,
    "available-ip-address-count": ({ freeAddresses }) => freeAddresses,
    "cidr-block": cidr,
    cidr,
    cidrBlock: cidr,
    "default-for-az": notDefault,
    defaultForAz: notDefault,
    "ipv6-cidr-block-association.association-id": ({ ipv6Cidr }) => ipv6Cidr?.id,
    "ipv6-cidr-block-association.ipv6-cidr-block": ({ ipv6Cidr }) => (ipv6Cidr === undefined ? undefined : formatCidr6(ipv6Cidr.cidr)),
    "ipv6-cidr-block-association.state": ({ ipv6Cidr }) => (ipv6Cidr === undefined ? undefined : "associated"),
    "ipv6-native": () => false,
    "map-public-ip-on-launch": (subnet) => subnet.hasPublicAddressOnLaunch,
    "customer-owned-ipv4-pool": () => [],
    "enable-dns64": () => false,
    "enable-lni-at-device-index": () => [],
    "map-customer-owned-ip-on-launch": () => false,
    "outpost-arn": () => [],
    "private-dns-name-options-on-launch.enable-resource-name-dns-a-record": () => false,
    "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record": () => false,
    "private-dns-name-options-on-launch.hostname-type": () => "ip-name",
    "owner-id": ({ ownerId }) => ownerId,
    state: () => "available",
    "subnet-arn": (subnet) => subnetArn(cloud, subnet),
    "subnet-id": ({ id }) => id,
    "vpc-id": ({ vpcId }) => vpcId,
  };
}
