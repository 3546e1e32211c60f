import { asId, formatCidr4, type VpcId } from "@slash28/address";
import type {
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  Vpc as WireVpc,
  VpcCidrBlockAssociation,
} from "@aws-sdk/client-ec2";
import type { CidrAssociation, Vpc } from "@slash28/vpc";
import { answer, need, read } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";
import { tagSet } from "../../query/tag-specifications.ts";

export const describeVpcs = read<DescribeVpcsRequest, DescribeVpcsResult>("DescribeVpcs", (input, { cloud, call }) => {
  const all = answer(cloud.describeVpcs(namedIds<VpcId>(input.VpcIds), call));
  const { items, ...more } = page(filtered(all, input.Filters, FILTERS), input, { action: "DescribeVpcs", key: ({ id }) => id });
  return { Vpcs: items.map(wireVpc), ...more };
});

export const describeVpcAttribute = read<DescribeVpcAttributeRequest, DescribeVpcAttributeResult>(
  "DescribeVpcAttribute",
  (input, { cloud, call }) => {
    const [vpc] = answer(cloud.describeVpcs({ ids: [asId<VpcId>(need(input.VpcId, "vpcId"))] }, call));
    const attribute = need(input.Attribute, "attribute");
    const head = { VpcId: vpc?.id };
    if (attribute === "enableDnsSupport") return { ...head, EnableDnsSupport: { Value: vpc?.hasDnsSupport } };
    if (attribute === "enableDnsHostnames") return { ...head, EnableDnsHostnames: { Value: vpc?.hasDnsHostnames } };
    if (attribute === "enableNetworkAddressUsageMetrics") return { ...head, EnableNetworkAddressUsageMetrics: { Value: false } };
    throw invalidValue(`Invalid value '${String(attribute)}' for attribute.`);
  },
);

export function wireVpc(vpc: Vpc): WireVpc {
  const [primary] = vpc.cidrs;
  return {
    VpcId: vpc.id,
    OwnerId: vpc.ownerId,
    State: "available",
    CidrBlock: primary === undefined ? undefined : formatCidr4(primary.cidr),
    CidrBlockAssociationSet: vpc.cidrs.map((association) => wireAssociation(association, "associated")),
    DhcpOptionsId: "default",
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

/** The filters EC2 documents for DescribeVpcs, of what the model knows. */
const FILTERS: FilterTable<Vpc> = {
  cidr: ({ cidrs }) => cidrs.slice(0, 1).map(({ cidr }) => formatCidr4(cidr)),
  "cidr-block-association.association-id": ({ cidrs }) => cidrs.map(({ id }) => id),
  "cidr-block-association.cidr-block": ({ cidrs }) => cidrs.map(({ cidr }) => formatCidr4(cidr)),
  "cidr-block-association.state": () => "associated",
  "dhcp-options-id": () => "default",
  "is-default": () => false,
  isDefault: () => false,
  "owner-id": ({ ownerId }) => ownerId,
  state: () => "available",
  "vpc-id": ({ id }) => id,
};
