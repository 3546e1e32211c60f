import { asId, formatCidr4, formatCidr6, type VpcId } from "@slash28/address";
import type {
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  Vpc as WireVpc,
  VpcCidrBlockAssociation,
  VpcIpv6CidrBlockAssociation,
} from "@aws-sdk/client-ec2";
import type { CidrAssociation, Cloud, Ipv6CidrAssociation, Vpc } from "@slash28/vpc";
import { answer, need, read } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";
import { tagSet } from "../../query/tag-specifications.ts";
import { DHCP_OPTIONS_ID } from "./dhcp-options.ts";

export const describeVpcs = read<DescribeVpcsRequest, DescribeVpcsResult>("DescribeVpcs", (input, { cloud, call }) => {
  const all = answer(cloud.describeVpcs(namedIds<VpcId>(input.VpcIds), call));
  const { items, ...more } = page(filtered(all, input.Filters, FILTERS), input, { action: "DescribeVpcs", key: ({ id }) => id });
  return { Vpcs: items.map((vpc) => wireVpc(cloud, vpc)), ...more };
});

export const describeVpcAttribute = read<DescribeVpcAttributeRequest, DescribeVpcAttributeResult>(
  "DescribeVpcAttribute",
  (input, { cloud, call }) => {
    const [vpc] = answer(cloud.describeVpcs({ ids: [asId<VpcId>(need(input.VpcId, "vpcId"))] }, call));
    const attribute = need(input.Attribute, "attribute");
    const head = { VpcId: vpc?.id };
    if (attribute === "enableDnsSupport") return { ...head, EnableDnsSupport: { Value: vpc?.hasDnsSupport } };
    if (attribute === "enableDnsHostnames") return { ...head, EnableDnsHostnames: { Value: vpc?.hasDnsHostnames } };
    if (attribute === "enableNetworkAddressUsageMetrics")
      return { ...head, EnableNetworkAddressUsageMetrics: { Value: vpc?.hasAddressUsageMetrics } };
    throw invalidValue(`Invalid value '${String(attribute)}' for attribute.`);
  },
);

export function wireVpc(cloud: Cloud, vpc: Vpc): WireVpc {
  const [primary] = vpc.cidrs;
  return {
    VpcId: vpc.id,
    OwnerId: vpc.ownerId,
    State: "available",
    CidrBlock: primary === undefined ? undefined : formatCidr4(primary.cidr),
    CidrBlockAssociationSet: vpc.cidrs.map((association) => wireAssociation(association, "associated")),
    Ipv6CidrBlockAssociationSet: vpc.ipv6Cidrs.map((association) => wireIpv6Association(cloud, association, "associated")),
    DhcpOptionsId: DHCP_OPTIONS_ID,
    InstanceTenancy: "default",
    IsDefault: false,
    Tags: tagSet(vpc.tags),
  };
}

export function wireAssociation(
  { id, cidr }: CidrAssociation,
  state: "associating" | "associated" | "disassociating",
): VpcCidrBlockAssociation {
  return { AssociationId: id, CidrBlock: formatCidr4(cidr), CidrBlockState: { State: state } };
}

export function wireIpv6Association(
  { region }: Cloud,
  { id, cidr }: Ipv6CidrAssociation,
  state: "associating" | "associated" | "disassociating",
): VpcIpv6CidrBlockAssociation {
  return {
    AssociationId: id,
    Ipv6CidrBlock: formatCidr6(cidr),
    Ipv6CidrBlockState: { State: state },
    NetworkBorderGroup: region,
    Ipv6Pool: "Amazon",
    Ipv6AddressAttribute: "public",
    IpSource: "amazon",
  };
}

/** The filters EC2 documents for DescribeVpcs, of what the model knows. */
const FILTERS: FilterTable<Vpc> = {
  cidr: ({ cidrs }) => cidrs.slice(0, 1).map(({ cidr }) => formatCidr4(cidr)),
  "cidr-block-association.association-id": ({ cidrs }) => cidrs.map(({ id }) => id),
  "cidr-block-association.cidr-block": ({ cidrs }) => cidrs.map(({ cidr }) => formatCidr4(cidr)),
  "cidr-block-association.state": () => "associated",
  "dhcp-options-id": () => DHCP_OPTIONS_ID,
  "ipv6-cidr-block-association.association-id": ({ ipv6Cidrs }) => ipv6Cidrs.map(({ id }) => id),
  "ipv6-cidr-block-association.ipv6-cidr-block": ({ ipv6Cidrs }) => ipv6Cidrs.map(({ cidr }) => formatCidr6(cidr)),
  "ipv6-cidr-block-association.ipv6-pool": ({ ipv6Cidrs }) => ipv6Cidrs.map(() => "Amazon"),
  "ipv6-cidr-block-association.state": ({ ipv6Cidrs }) => ipv6Cidrs.map(() => "associated"),
  "is-default": () => false,
  isDefault: () => false,
  "owner-id": ({ ownerId }) => ownerId,
  state: () => "available",
  "vpc-id": ({ id }) => id,
};
