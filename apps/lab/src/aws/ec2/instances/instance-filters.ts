import { formatIpv4, formatIpv6 } from "@slash28/address";
import { privateDnsName, publicDnsName, type Cloud, type Eni, type Instance } from "@slash28/vpc";
import type { FilterTable } from "../../query/filters.ts";
import { architectureOf, profileArn, wireState } from "./wire-instance.ts";

/** The filters EC2 documents for DescribeInstances, of what the model knows. */
export function instanceFilters(cloud: Cloud): FilterTable<Instance> {
  return {
    architecture: ({ type }) => architectureOf(type),
    "availability-zone": ({ zone }) => zone,
    "availability-zone-id": (instance) => cloud.zones.find(({ name }) => name === instance.zone)?.id,
    "client-token": ({ clientToken }) => clientToken,
    "dns-name": ({ publicAddress }) => (publicAddress === undefined ? undefined : publicDnsName(cloud.region, publicAddress)),
    hypervisor: () => "xen",
    "iam-instance-profile.arn": (instance) =>
      instance.instanceProfile === undefined ? undefined : profileArn(instance, instance.instanceProfile),
    "iam-instance-profile.name": ({ instanceProfile }) => instanceProfile?.slice(instanceProfile.lastIndexOf("/") + 1),
    "image-id": ({ imageId }) => imageId,
    "instance-id": ({ id }) => id,
    "instance-state-code": ({ state }) => wireState(state).Code,
    "instance-state-name": ({ state }) => state,
    "instance-type": ({ type }) => type,
    "instance.group-id": (instance) => cloud.view.attachedEnis(instance.id)[0]?.groups ?? [],
    "instance.group-name": (instance) =>
      (cloud.view.attachedEnis(instance.id)[0]?.groups ?? []).map((id) => cloud.view.securityGroup(id)?.name),
    "ip-address": ({ publicAddress }) => (publicAddress === undefined ? undefined : formatIpv4(publicAddress)),
    "key-name": ({ keyName }) => keyName,
    "launch-index": ({ launchIndex }) => launchIndex,
    "launch-time": ({ launchedAt }) => new Date(launchedAt).toISOString(),
    "metadata-options.http-protocol-ipv6": () => "disabled",
    "metadata-options.http-put-response-hop-limit": ({ metadata }) => metadata.hopLimit,
    "metadata-options.instance-metadata-tags": ({ metadata }) => (metadata.showsTags ? "enabled" : "disabled"),
    "monitoring-state": () => "disabled",
    "metadata-options.http-endpoint": ({ metadata }) => (metadata.isEnabled ? "enabled" : "disabled"),
    "metadata-options.http-tokens": ({ metadata }) => (metadata.needsToken ? "required" : "optional"),
    "owner-id": ({ ownerId }) => ownerId,
    "private-dns-name": ({ privateAddress }) => (privateAddress === undefined ? undefined : privateDnsName(cloud.region, privateAddress)),
    "private-ip-address": ({ privateAddress }) => (privateAddress === undefined ? undefined : formatIpv4(privateAddress)),
    "reservation-id": ({ reservationId }) => reservationId,
    "root-device-name": () => "/dev/xvda",
    "root-device-type": () => "ebs",
    "source-dest-check": (instance) => cloud.view.attachedEnis(instance.id)[0]?.hasSourceDestCheck,
    "subnet-id": ({ subnetId }) => subnetId,
    tenancy: () => "default",
    "virtualization-type": () => "hvm",
    "vpc-id": ({ vpcId }) => vpcId,
    ...NOTHING,
    ...eniFilters(cloud),
  };
}

/** Filters on what no instance of the lab has: reservations of capacity, hosts, spot requests, volumes, product codes. */
const NOTHING: FilterTable<Instance> = Object.fromEntries(
  [
    "affinity",
    "block-device-mapping.attach-time",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.status",
    "block-device-mapping.volume-id",
    "capacity-reservation-id",
    "host-id",
    "instance-lifecycle",
    "kernel-id",
    "outpost-arn",
    "placement-group-name",
    "placement-partition-number",
    "platform",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "reason",
    "requester-id",
    "spot-instance-request-id",
    "state-reason-code",
    "state-reason-message",
  ].map((name) => [name, () => []]),
);

function eniFilters(cloud: Cloud): FilterTable<Instance> {
  const each =
    (of: (eni: Eni) => string | number | boolean | undefined) =>
    (instance: Instance): ReadonlyArray<string | number | boolean | undefined> =>
      cloud.view.attachedEnis(instance.id).map(of);
  const publicIp = ({ publicAddress }: Eni): string | undefined => (publicAddress === undefined ? undefined : formatIpv4(publicAddress));
  return {
    "network-interface.addresses.private-ip-address": (instance) =>
      cloud.view.attachedEnis(instance.id).flatMap((eni) => [eni.primaryAddress, ...eni.secondaryAddresses].map(formatIpv4)),
    "network-interface.ipv6-addresses.ipv6-address": (instance) =>
      cloud.view.attachedEnis(instance.id).flatMap(({ ipv6Addresses }) => ipv6Addresses.map(formatIpv6)),
    "ipv6-address": (instance) => (cloud.view.attachedEnis(instance.id)[0]?.ipv6Addresses ?? []).map(formatIpv6),
    "network-interface.addresses.primary": each(({ secondaryAddresses }) => secondaryAddresses.length === 0),
    "network-interface.addresses.association.public-ip": each(publicIp),
    "network-interface.association.public-ip": each(publicIp),
    "network-interface.association.allocation-id": each(({ elasticAddressId }) => elasticAddressId),
    "network-interface.attachment.attach-time": each(({ attachment }) =>
      attachment === undefined ? undefined : new Date(attachment.attachedAt).toISOString(),
    ),
    "network-interface.attachment.instance-owner-id": () => cloud.accountId,
    "network-interface.attachment.network-card-index": each(({ attachment }) => attachment?.networkCard),
    "network-interface.group-name": (instance) =>
      cloud.view.attachedEnis(instance.id).flatMap(({ groups }) => groups.map((id) => cloud.view.securityGroup(id)?.name)),
    "network-interface.ipv6-native": () => false,
    "network-interface.owner-id": each(({ ownerId }) => ownerId),
    "network-interface.requester-id": each(({ requester }) => requester?.id),
    "network-interface.requester-managed": each(({ requester }) => requester !== undefined),
    "network-interface.source-dest-check": each(({ hasSourceDestCheck }) => hasSourceDestCheck),
    "network-interface.attachment.attachment-id": each(({ attachment }) => attachment?.id),
    "network-interface.attachment.delete-on-termination": each(({ attachment }) => attachment?.deleteOnTermination),
    "network-interface.attachment.device-index": each(({ attachment }) => attachment?.deviceIndex),
    "network-interface.attachment.instance-id": ({ id }) => id,
    "network-interface.attachment.status": each(({ attachment }) => attachment?.status),
    "network-interface.availability-zone": each(({ zone }) => zone),
    "network-interface.description": each(({ description }) => description),
    "network-interface.group-id": (instance) => cloud.view.attachedEnis(instance.id).flatMap(({ groups }) => groups),
    "network-interface.mac-address": each(({ mac }) => mac),
    "network-interface.network-interface-id": each(({ id }) => id),
    "network-interface.private-dns-name": each(({ primaryAddress }) => privateDnsName(cloud.region, primaryAddress)),
    "network-interface.status": each(({ status }) => status),
    "network-interface.subnet-id": each(({ subnetId }) => subnetId),
    "network-interface.vpc-id": each(({ vpcId }) => vpcId),
  };
}
