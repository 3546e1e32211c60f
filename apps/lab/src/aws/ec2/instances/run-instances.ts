import { asId, type EniId, type SecurityGroupId, type SubnetId } from "@slash28/address";
import type {
  InstanceMetadataOptionsRequest,
  InstanceNetworkInterfaceSpecification,
  Reservation as WireReservation,
  RunInstancesRequest,
} from "@aws-sdk/client-ec2";
import {
  readAddress,
  type Call,
  type Cloud,
  type Ec2Result,
  type LaunchEni,
  type MetadataOptions,
  type Reservation,
  type RunInstancesInput,
} from "@slash28/vpc";
import { answer, mutation, need } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { tagsByType } from "../../query/tag-specifications.ts";
import { carryOf } from "../enis/carry.ts";
import { connectionTrackingOf } from "../enis/connection-tracking.ts";
import { ipv6CarryOf } from "../enis/ipv6-carry.ts";
import { splitAddresses } from "../enis/create-eni.ts";
import { checkUserData } from "./user-data.ts";
import { wireInstance } from "./wire-instance.ts";
import { withTemplate } from "./with-template.ts";

const DEFAULT_TYPE = "m1.small";

export const runInstances = mutation<RunInstancesRequest, WireReservation>("RunInstances", (input, { cloud, call }) => {
  const { id, instances } = answer(launch(cloud, input, call));
  return {
    ReservationId: id,
    OwnerId: cloud.accountId,
    Groups: [],
    Instances: instances.map((instance) => wireInstance(cloud, instance)),
  };
});

/** Carries a launch request out: a call of the API's, or of a service that launches for the account. */
export function launch(cloud: Cloud, input: RunInstancesRequest, call: Call): Ec2Result<Reservation> {
  const { request, template } = withTemplate(cloud, input, call);
  checkUserData(request.UserData);
  return cloud.runInstances({ ...launchOf(request), ...(template === undefined ? {} : { launchTemplate: template }) }, call);
}

function launchOf(input: RunInstancesRequest): RunInstancesInput {
  const tags = tagsByType(["instance", "network-interface"], input.TagSpecifications);
  const profile = input.IamInstanceProfile?.Name ?? input.IamInstanceProfile?.Arn;
  return {
    type: input.InstanceType ?? DEFAULT_TYPE,
    imageId: need(input.ImageId, "ImageId"),
    minCount: need(input.MinCount, "MinCount"),
    maxCount: need(input.MaxCount, "MaxCount"),
    metadata: metadataChange(input.MetadataOptions ?? {}),
    tags: tags.instance ?? {},
    eniTags: tags["network-interface"] ?? {},
    ...placement(input),
    ...(input.KeyName === undefined ? {} : { keyName: input.KeyName }),
    ...(profile === undefined ? {} : { instanceProfile: profile }),
    ...(input.UserData === undefined ? {} : { userData: input.UserData }),
    ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
  };
}

/** Where the instance's ENIs are: by the shorthand fields, or ENI by ENI. */
function placement(input: RunInstancesRequest): Partial<RunInstancesInput> {
  const addresses = input.Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address);
  const ipv6 = ipv6CarryOf({ addresses, addressCount: input.Ipv6AddressCount });
  return {
    ...(input.SubnetId === undefined ? {} : { subnetId: asId<SubnetId>(input.SubnetId) }),
    ...(input.SecurityGroupIds === undefined ? {} : { groups: input.SecurityGroupIds.map((id) => asId<SecurityGroupId>(id)) }),
    ...(input.PrivateIpAddress === undefined ? {} : { privateAddress: answer(readAddress(input.PrivateIpAddress)) }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(input.NetworkInterfaces === undefined ? {} : { enis: input.NetworkInterfaces.map(launchEni) }),
  };
}

function launchEni(spec: InstanceNetworkInterfaceSpecification): LaunchEni {
  const place = {
    deviceIndex: need(spec.DeviceIndex, "NetworkInterface.DeviceIndex"),
    ...(spec.NetworkCardIndex === undefined ? {} : { networkCard: spec.NetworkCardIndex }),
  };
  if (spec.NetworkInterfaceId !== undefined) return { kind: "existing", ...place, eniId: asId<EniId>(spec.NetworkInterfaceId) };
  const { primary, secondary } = splitAddresses(spec.PrivateIpAddress, spec.PrivateIpAddresses);
  const ipv6 = ipv6CarryOf({
    addresses: spec.Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address),
    addressCount: spec.Ipv6AddressCount,
    prefixes: spec.Ipv6Prefixes?.map(({ Ipv6Prefix }) => Ipv6Prefix),
    prefixCount: spec.Ipv6PrefixCount,
  });
  const connectionTracking = connectionTrackingOf(spec.ConnectionTrackingSpecification);
  return {
    kind: "new",
    ...place,
    ...(connectionTracking === undefined ? {} : { connectionTracking }),
    carry: carryOf({
      addresses: secondary,
      addressCount: spec.SecondaryPrivateIpAddressCount,
      prefixes: spec.Ipv4Prefixes?.map(({ Ipv4Prefix }) => Ipv4Prefix),
      prefixCount: spec.Ipv4PrefixCount,
    }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(spec.PrimaryIpv6 === true ? { hasPrimaryIpv6: true } : {}),
    ...interfaceTypeOf(spec.InterfaceType),
    ...(spec.SubnetId === undefined ? {} : { subnetId: asId<SubnetId>(spec.SubnetId) }),
    ...(spec.Groups === undefined ? {} : { groups: spec.Groups.map((id) => asId<SecurityGroupId>(id)) }),
    ...(spec.Description === undefined ? {} : { description: spec.Description }),
    ...(primary === undefined ? {} : { primaryAddress: primary }),
    ...(spec.AssociatePublicIpAddress === undefined ? {} : { hasPublicAddress: spec.AssociatePublicIpAddress }),
    ...(spec.DeleteOnTermination === undefined ? {} : { deleteOnTermination: spec.DeleteOnTermination }),
  };
}

function interfaceTypeOf(text: string | undefined): { readonly interfaceType?: "interface" | "efa" | "efa-only" } {
  if (text === undefined) return {};
  if (text === "interface" || text === "efa" || text === "efa-only") return { interfaceType: text };
  throw invalidValue(`Invalid value '${text}' for InterfaceType. A launch makes interface, efa and efa-only.`);
}

export function metadataChange(wire: InstanceMetadataOptionsRequest): Partial<MetadataOptions> {
  return {
    ...(wire.HttpEndpoint === undefined ? {} : { isEnabled: wire.HttpEndpoint === "enabled" }),
    ...(wire.HttpTokens === undefined ? {} : { needsToken: wire.HttpTokens === "required" }),
    ...(wire.HttpPutResponseHopLimit === undefined ? {} : { hopLimit: wire.HttpPutResponseHopLimit }),
    ...(wire.InstanceMetadataTags === undefined ? {} : { showsTags: wire.InstanceMetadataTags === "enabled" }),
  };
}
