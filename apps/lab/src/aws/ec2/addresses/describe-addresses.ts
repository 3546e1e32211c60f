import { formatIpv4 } from "@slash28/address";
import type { Address as WireAddress, DescribeAddressesRequest, DescribeAddressesResult } from "@aws-sdk/client-ec2";
import { readAddress, type Cloud, type ElasticAddress, type ElasticAddressId, type Eni } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { tagSet } from "../../query/tag-specifications.ts";

export const describeAddresses = read<DescribeAddressesRequest, DescribeAddressesResult>("DescribeAddresses", (input, { cloud, call }) => {
  const byId = answer(cloud.describeAddresses(namedIds<ElasticAddressId>(input.AllocationIds), call));
  const named = withAddresses(byId, input.PublicIps ?? []);
  return { Addresses: filtered(named, input.Filters, filters(cloud)).map((elastic) => wireAddress(cloud, elastic)) };
});

function withAddresses(all: readonly ElasticAddress[], texts: readonly string[]): readonly ElasticAddress[] {
  if (texts.length === 0) return all;
  return texts.map((text) => {
    const wanted = answer(readAddress(text));
    const found = all.find(({ publicAddress }) => publicAddress === wanted);
    if (found === undefined) throw new AwsError("InvalidAddress.NotFound", `Address '${text}' not found.`);
    return found;
  });
}

function eniOf(cloud: Cloud, { association }: ElasticAddress): Eni | undefined {
  return association === undefined ? undefined : cloud.view.eni(association.eniId);
}

function wireAddress(cloud: Cloud, elastic: ElasticAddress): WireAddress {
  const { association } = elastic;
  const eni = eniOf(cloud, elastic);
  return {
    AllocationId: elastic.id,
    PublicIp: formatIpv4(elastic.publicAddress),
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: cloud.region,
    Domain: "vpc",
    ...(association === undefined
      ? {}
      : {
          AssociationId: association.id,
          NetworkInterfaceId: association.eniId,
          NetworkInterfaceOwnerId: elastic.ownerId,
          PrivateIpAddress: formatIpv4(association.privateAddress),
          InstanceId: eni?.attachment?.instanceId,
        }),
    Tags: tagSet(elastic.tags),
  };
}

function filters(cloud: Cloud): FilterTable<ElasticAddress> {
  return {
    "allocation-id": ({ id }) => id,
    "association-id": ({ association }) => association?.id,
    domain: () => "vpc",
    "instance-id": (elastic) => eniOf(cloud, elastic)?.attachment?.instanceId,
    "network-border-group": () => cloud.region,
    "network-interface-id": ({ association }) => association?.eniId,
    "network-interface-owner-id": ({ association, ownerId }) => (association === undefined ? undefined : ownerId),
    "private-ip-address": ({ association }) => (association === undefined ? undefined : formatIpv4(association.privateAddress)),
    "public-ip": ({ publicAddress }) => formatIpv4(publicAddress),
  };
}
