import { formatCidr4, formatCidr6, formatIpv4, formatIpv6 } from "@slash28/address";
import { privateDnsName, publicDnsName, type Cloud, type ElasticAddress, type Eni } from "@slash28/vpc";
import type { FilterTable } from "../../query/filters.ts";

/** The filters EC2 documents for DescribeNetworkInterfaces; those on things the model does not have match nothing. */
export function eniFilters(cloud: Cloud): FilterTable<Eni> {
  const publicIp = ({ publicAddress }: Eni): string | undefined => (publicAddress === undefined ? undefined : formatIpv4(publicAddress));
  const publicIpOwner = ({ publicAddress, elasticAddressId, ownerId }: Eni): string | undefined =>
    publicAddress === undefined ? undefined : elasticAddressId === undefined ? "amazon" : ownerId;
  const elastics = (eni: Eni): readonly ElasticAddress[] => cloud.view.elasticAddressesOf(eni.id);
  const none = (): readonly string[] => [];
  return {
    "addresses.association.owner-id": publicIpOwner,
    "addresses.association.public-ip": (eni) => [publicIp(eni), ...elastics(eni).map(({ publicAddress }) => formatIpv4(publicAddress))],
    "addresses.association.association-id": (eni) => elastics(eni).map(({ association }) => association?.id),
    "addresses.association.allocation-id": (eni) => elastics(eni).map(({ id }) => id),
    "addresses.primary": (eni) => (eni.secondaryAddresses.length === 0 ? true : ["true", "false"]),
    "addresses.private-ip-address": (eni) => [eni.primaryAddress, ...eni.secondaryAddresses].map(formatIpv4),
    "association.allocation-id": (eni) => elastics(eni).map(({ id }) => id),
    "association.association-id": (eni) => elastics(eni).map(({ association }) => association?.id),
    "association.ip-owner-id": publicIpOwner,
    "association.public-dns-name": ({ publicAddress }) =>
      publicAddress === undefined ? undefined : publicDnsName(cloud.region, publicAddress),
    "association.public-ip": publicIp,
    ...attachmentFilters(cloud),
    "availability-zone": ({ zone }) => zone,
    "availability-zone-id": (eni) => cloud.view.subnet(eni.subnetId)?.zoneId,
    description: (eni) => eni.description,
    "group-id": ({ groups }) => groups,
    "group-name": ({ groups }) => groups.map((id) => cloud.view.securityGroup(id)?.name),
    "interface-type": ({ kind }) => kind,
    "ipv6-addresses.ipv6-address": ({ ipv6Addresses }) => ipv6Addresses.map(formatIpv6),
    "ipv6-prefixes.ipv6-prefix": ({ ipv6Prefixes }) => ipv6Prefixes.map(formatCidr6),
    "ipv4-prefixes.ipv4-prefix": ({ prefixes }) => prefixes.map(formatCidr4),
    "mac-address": ({ mac }) => mac,
    "network-interface-id": ({ id }) => id,
    "operator.managed": () => false,
    "operator.principal": none,
    "owner-id": ({ ownerId }) => ownerId,
    "private-dns-name": (eni) => privateDnsName(cloud.region, eni.primaryAddress),
    "private-ip-address": (eni) => formatIpv4(eni.primaryAddress),
    "requester-id": ({ requester }) => requester?.id,
    "requester-managed": ({ requester }) => requester !== undefined,
    "source-dest-check": (eni) => eni.hasSourceDestCheck,
    status: ({ status }) => status,
    "subnet-id": ({ subnetId }) => subnetId,
    "vpc-id": ({ vpcId }) => vpcId,
  };
}

function attachmentFilters(cloud: Cloud): FilterTable<Eni> {
  return {
    "attachment.attach-time": ({ attachment }) => (attachment === undefined ? undefined : new Date(attachment.attachedAt).toISOString()),
    "attachment.attachment-id": ({ attachment }) => attachment?.id,
    "attachment.delete-on-termination": ({ attachment }) => attachment?.deleteOnTermination,
    "attachment.device-index": ({ attachment }) => attachment?.deviceIndex,
    "attachment.instance-id": ({ attachment }) => attachment?.instanceId,
    "attachment.instance-owner-id": ({ attachment }) => (attachment === undefined ? undefined : cloud.accountId),
    "attachment.network-card-index": ({ attachment }) => attachment?.networkCard,
    "attachment.status": ({ attachment }) => attachment?.status,
  };
}
