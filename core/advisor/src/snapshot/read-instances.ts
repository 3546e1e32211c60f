import type { EniId, InstanceId, SecurityGroupId, SubnetId } from "@slash28/address";
import { z } from "zod";
import type { SeenEni, SeenInstance } from "./aws-objects.ts";
import { address4, id, listOf, maybe, range4, tagList, text } from "./item-reader.ts";
import { present } from "./present-fields.ts";

export const eniSchema: z.ZodType<SeenEni> = z
  .object({
    NetworkInterfaceId: id<EniId>(),
    SubnetId: id<SubnetId>(),
    Attachment: maybe(
      z.object({ InstanceId: maybe(id<InstanceId>()), DeviceIndex: maybe(z.number()), NetworkCardIndex: maybe(z.number()) }),
    ),
    PrivateIpAddress: maybe(address4),
    PrivateIpAddresses: listOf(z.object({ PrivateIpAddress: address4, Primary: maybe(z.boolean()) })),
    Ipv4Prefixes: listOf(z.object({ Ipv4Prefix: range4 })),
    Groups: listOf(z.object({ GroupId: id<SecurityGroupId>() })),
    InterfaceType: maybe(text),
    Description: maybe(text),
    TagSet: tagList,
  })
  .transform((eni, context): SeenEni => {
    const primaryAddress = eni.PrivateIpAddresses.find(({ Primary }) => Primary === true)?.PrivateIpAddress ?? eni.PrivateIpAddress;
    if (primaryAddress === undefined) {
      context.addIssue({ code: "custom", message: "it has no primary IPv4 address" });
      return z.NEVER;
    }
    const { InstanceId: instanceId, DeviceIndex: deviceIndex, NetworkCardIndex: networkCard = 0 } = eni.Attachment ?? {};
    return {
      id: eni.NetworkInterfaceId,
      subnetId: eni.SubnetId,
      ...present({ instanceId, deviceIndex }),
      networkCard,
      primaryAddress,
      addresses: eni.PrivateIpAddresses.flatMap((each) => (each.PrivateIpAddress === primaryAddress ? [] : [each.PrivateIpAddress])),
      prefixes: eni.Ipv4Prefixes.map(({ Ipv4Prefix }) => Ipv4Prefix),
      groupIds: eni.Groups.map(({ GroupId }) => GroupId),
      kind: eni.InterfaceType ?? "interface",
      description: eni.Description ?? "",
      tags: eni.TagSet,
    };
  });

export const instanceSchema: z.ZodType<SeenInstance> = z
  .object({
    InstanceId: id<InstanceId>(),
    InstanceType: text,
    State: maybe(z.object({ Name: maybe(text) })),
    Placement: maybe(z.object({ AvailabilityZone: maybe(text) })),
    SubnetId: maybe(id<SubnetId>()),
    MetadataOptions: maybe(
      z.object({ HttpEndpoint: maybe(text), HttpTokens: maybe(text), HttpPutResponseHopLimit: maybe(z.int().min(1)) }),
    ),
    IamInstanceProfile: maybe(z.object({ Arn: maybe(text) })),
    Tags: tagList,
  })
  .transform((instance): SeenInstance => {
    const { HttpEndpoint, HttpTokens, HttpPutResponseHopLimit: hopLimit } = instance.MetadataOptions ?? {};
    const metadata =
      hopLimit === undefined ? undefined : { isOn: HttpEndpoint !== "disabled", isTokenRequired: HttpTokens === "required", hopLimit };
    return {
      id: instance.InstanceId,
      type: instance.InstanceType,
      state: instance.State?.Name ?? "running",
      ...present({
        zone: instance.Placement?.AvailabilityZone,
        subnetId: instance.SubnetId,
        metadata,
        profileArn: instance.IamInstanceProfile?.Arn,
      }),
      tags: instance.Tags,
    };
  });
