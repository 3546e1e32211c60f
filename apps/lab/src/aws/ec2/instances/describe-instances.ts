import { formatIpv4, formatIpv6, type InstanceId } from "@slash28/address";
import type { DescribeInstancesRequest, DescribeInstancesResult, Reservation as WireReservation } from "@aws-sdk/client-ec2";
import { privateDnsName, type Cloud, type Eni, type Instance } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { eitherIdsOrPages, page } from "../../query/pagination.ts";
import { architectureOf, profileArn, wireInstance, wireState } from "./wire-instance.ts";

export const describeInstances = read<DescribeInstancesRequest, DescribeInstancesResult>("DescribeInstances", (input, { cloud, call }) => {
  eitherIdsOrPages(input.InstanceIds, input, "instancesSet");
  const all = answer(cloud.describeInstances(namedIds<InstanceId>(input.InstanceIds), call));
  const matching = filtered(all, input.Filters, () => filters(cloud));
  const { items, ...more } = page(matching, input, { action: "DescribeInstances", key: ({ id }) => id });
  return { Reservations: wireReservations(cloud, items), ...more };
});

/** Instances under the reservations that launched them. A page may cut a reservation in two, as in EC2. */
export function wireReservations(cloud: Cloud, instances: readonly Instance[]): WireReservation[] {
  const byReservation = new Map<string, Instance[]>();
  for (const instance of instances) {
    const together = byReservation.get(instance.reservationId);
    if (together === undefined) byReservation.set(instance.reservationId, [instance]);
    else together.push(instance);
  }
  return [...byReservation].map(([ReservationId, together]) => ({
    ReservationId,
    OwnerId: cloud.accountId,
    Groups: [],
    Instances: together.map((instance) => wireInstance(cloud, instance)),
  }));
}

/** The filters EC2 documents for DescribeInstances, of what the model knows. */
function filters(cloud: Cloud): FilterTable<Instance> {
  return {
    architecture: ({ type }) => architectureOf(type),
    "availability-zone": ({ zone }) => zone,
    "client-token": ({ clientToken }) => clientToken,
    "dns-name": () => "",
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
    "metadata-options.http-endpoint": ({ metadata }) => (metadata.isEnabled ? "enabled" : "disabled"),
    "metadata-options.http-tokens": ({ metadata }) => (metadata.needsToken ? "required" : "optional"),
    "owner-id": ({ ownerId }) => ownerId,
    "private-dns-name": ({ privateAddress }) => (privateAddress === undefined ? undefined : privateDnsName(cloud.region, privateAddress)),
    "private-ip-address": ({ privateAddress }) => (privateAddress === undefined ? undefined : formatIpv4(privateAddress)),
    "reservation-id": ({ reservationId }) => reservationId,
    "subnet-id": ({ subnetId }) => subnetId,
    "vpc-id": ({ vpcId }) => vpcId,
    ...eniFilters(cloud),
  };
}

function eniFilters(cloud: Cloud): FilterTable<Instance> {
  const each =
    (of: (eni: Eni) => string | number | boolean | undefined) =>
    (instance: Instance): ReadonlyArray<string | number | boolean | undefined> =>
      cloud.view.attachedEnis(instance.id).map(of);
  return {
    "network-interface.addresses.private-ip-address": (instance) =>
      cloud.view.attachedEnis(instance.id).flatMap((eni) => [eni.primaryAddress, ...eni.secondaryAddresses].map(formatIpv4)),
    "network-interface.ipv6-addresses.ipv6-address": (instance) =>
      cloud.view.attachedEnis(instance.id).flatMap(({ ipv6Addresses }) => ipv6Addresses.map(formatIpv6)),
    "ipv6-address": (instance) => (cloud.view.attachedEnis(instance.id)[0]?.ipv6Addresses ?? []).map(formatIpv6),
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
