import { asId, formatIpv4, type SubnetId } from "@slash28/address";
import type {
  CreateNatGatewayRequest,
  CreateNatGatewayResult,
  DeleteNatGatewayRequest,
  DeleteNatGatewayResult,
  DescribeNatGatewaysRequest,
  DescribeNatGatewaysResult,
  NatGateway as WireNatGateway,
} from "@aws-sdk/client-ec2";
import { readAddress, type Cloud, type ElasticAddressId, type NatGateway, type NatGatewayId } from "@slash28/vpc";
import { answer, mutation, need, read } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";
import { tagsFor, tagSet } from "../../query/tag-specifications.ts";

export const createNatGateway = mutation<CreateNatGatewayRequest, CreateNatGatewayResult>("CreateNatGateway", (input, { cloud, call }) => {
  refuseFurtherAddresses(input);
  const created = cloud.createNatGateway(
    {
      subnetId: asId<SubnetId>(need(input.SubnetId, "SubnetId")),
      connectivity: input.ConnectivityType === "private" ? "private" : "public",
      ...(input.AllocationId === undefined ? {} : { addressId: asId<ElasticAddressId>(input.AllocationId) }),
      ...(input.PrivateIpAddress === undefined ? {} : { privateAddress: answer(readAddress(input.PrivateIpAddress)) }),
      tags: tagsFor("natgateway", input.TagSpecifications),
      ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
    },
    call,
  );
  // The reply to a creation says pending, whatever has become of it meanwhile.
  return { NatGateway: { ...wireNatGateway(cloud, answer(created)), State: "pending" }, ClientToken: input.ClientToken };
});

function refuseFurtherAddresses(input: CreateNatGatewayRequest): void {
  const counts = [input.SecondaryAllocationIds?.length, input.SecondaryPrivateIpAddresses?.length, input.SecondaryPrivateIpAddressCount];
  if (counts.some((count) => (count ?? 0) > 0) || input.AvailabilityMode === "regional") {
    throw new AwsError("UnsupportedOperation", "The lab's NAT gateways are zonal and have one address each.");
  }
}

export const deleteNatGateway = mutation<DeleteNatGatewayRequest, DeleteNatGatewayResult>("DeleteNatGateway", (input, { cloud, call }) => {
  const natGatewayId = asId<NatGatewayId>(need(input.NatGatewayId, "NatGatewayId"));
  answer(cloud.deleteNatGateway({ natGatewayId }, call));
  return { NatGatewayId: natGatewayId };
});

export const describeNatGateways = read<DescribeNatGatewaysRequest, DescribeNatGatewaysResult>(
  "DescribeNatGateways",
  (input, { cloud, call }) => {
    const all = answer(cloud.describeNatGateways(namedIds<NatGatewayId>(input.NatGatewayIds), call));
    const rules = { action: "DescribeNatGateways", key: ({ id }: NatGateway) => id };
    const { items, ...more } = page(filtered(all, input.Filter, FILTERS), input, rules);
    return { NatGateways: items.map((nat) => wireNatGateway(cloud, nat)), ...more };
  },
);

function wireNatGateway(cloud: Cloud, nat: NatGateway): WireNatGateway {
  const isGone = nat.state === "deleted" || nat.state === "failed";
  const elastic = isGone ? undefined : cloud.view.elasticAddressesOf(nat.eniId)[0];
  return {
    NatGatewayId: nat.id,
    SubnetId: nat.subnetId,
    VpcId: nat.vpcId,
    ConnectivityType: nat.connectivity,
    State: nat.state,
    CreateTime: new Date(nat.createdAt),
    DeleteTime: nat.deletedAt === undefined ? undefined : new Date(nat.deletedAt),
    FailureCode: nat.failure?.code,
    FailureMessage: nat.failure?.message,
    NatGatewayAddresses: [
      {
        NetworkInterfaceId: nat.eniId,
        PrivateIp: formatIpv4(nat.privateAddress),
        AllocationId: nat.addressId,
        PublicIp: nat.publicAddress === undefined ? undefined : formatIpv4(nat.publicAddress),
        AssociationId: elastic?.association?.id,
        IsPrimary: true,
        Status: isGone ? "failed" : "succeeded",
      },
    ],
    Tags: tagSet(nat.tags),
  };
}

const FILTERS: FilterTable<NatGateway> = {
  "nat-gateway-id": ({ id }) => id,
  state: ({ state }) => state,
  "subnet-id": ({ subnetId }) => subnetId,
  "vpc-id": ({ vpcId }) => vpcId,
};
