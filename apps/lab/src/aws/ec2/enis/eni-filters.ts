import { formatIpv4 } from "@slash28/address";
import { privateDnsName, publicDnsName, type Cloud, type Eni } from "@slash28/vpc";
import type { FilterTable } from "../../query/filters.ts";

/** The filters EC2 documents for DescribeNetworkInterfaces; those on things the model does not have match nothing. */
export function eniFilters(cloud: Cloud): FilterTable<Eni> {
  const publicIp = ({ publicAddress }: Eni): string | undefined => (publicAddress === undefined ? undefined : formatIpv4(publicAddress));
  const publicIpOwner = ({ publicAddress }: Eni): string | undefined => (publicAddress === undefined ? undefined : "amazon");
  const none = (): readonly string[] => [];
  return {
    "addresses.association.owner-id": publicIpOwner,
    "addresses.association.public-ip": publicIp,
    "addresses.primary": (eni) => (eni.secondaryAddresses.length === 0 ? true : ["true", "false"]),
    "addresses.private-ip-address": (eni) => [eni.primaryAddress, ...eni.secondaryAddresses].map(formatIpv4),
    "association.allocation-id": none,
    "association.association-id": none,
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
    "ipv6-addresses.ipv6-address": none,
    "mac-address": ({ mac }) => mac,
    "network-interface-id": ({ id }) => id,
    "operator.managed": () => false,
    "operator.principal": none,
    "owner-id": ({ ownerId }) => ownerId,
    "private-dns-name": (eni) => privateDnsName(cloud.region, eni.primaryAddress),
    "private-ip-address": (eni) => formatIpv4(eni.primaryAddress),
    "requester-id": none,
    "requester-managed": () => false,
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
