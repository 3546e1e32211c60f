import { asId, type EniId, type Ipv4, type SecurityGroupId, type SubnetId } from "@slash28/address";
import type {
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  PrivateIpAddressSpecification,
} from "@aws-sdk/client-ec2";
import { readAddress, type EniKind } from "@slash28/vpc";
import { answer, DONE, mutation, need } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { tagsFor } from "../../query/tag-specifications.ts";
import { carryOf } from "./carry.ts";
import { connectionTrackingOf } from "./connection-tracking.ts";
import { ipv6CarryOf } from "./ipv6-carry.ts";
import { wireEni } from "./wire-eni.ts";

export const createNetworkInterface = mutation<CreateNetworkInterfaceRequest, CreateNetworkInterfaceResult>(
  "CreateNetworkInterface",
  (input, { cloud, call }) => {
    const connectionTracking = connectionTrackingOf(input.ConnectionTrackingSpecification);
    const ipv6 = ipv6CarryOf({
      addresses: input.Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address),
      addressCount: input.Ipv6AddressCount,
      prefixes: input.Ipv6Prefixes?.map(({ Ipv6Prefix }) => Ipv6Prefix),
      prefixCount: input.Ipv6PrefixCount,
    });
    const { primary, secondary } = splitAddresses(input.PrivateIpAddress, input.PrivateIpAddresses);
    const created = cloud.createEni(
      {
        subnetId: asId<SubnetId>(need(input.SubnetId, "subnetId")),
        kind: eniKind(input.InterfaceType),
        description: input.Description ?? "",
        groups: (input.Groups ?? []).map((id) => asId<SecurityGroupId>(id)),
        carry: carryOf({
          addresses: secondary,
          addressCount: input.SecondaryPrivateIpAddressCount,
          prefixes: input.Ipv4Prefixes?.map(({ Ipv4Prefix }) => Ipv4Prefix),
          prefixCount: input.Ipv4PrefixCount,
        }),
        ...(ipv6 === undefined ? {} : { ipv6 }),
        ...(input.EnablePrimaryIpv6 === true ? { hasPrimaryIpv6: true } : {}),
        tags: tagsFor("network-interface", input.TagSpecifications),
        ...(connectionTracking === undefined ? {} : { connectionTracking }),
        ...(primary === undefined ? {} : { primaryAddress: primary }),
        ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
      },
      call,
    );
    // The reply to a creation says pending; every later description says available.
    return { NetworkInterface: { ...wireEni(cloud, answer(created)), Status: "pending" as "available" }, ClientToken: input.ClientToken };
  },
);

export const deleteNetworkInterface = mutation<DeleteNetworkInterfaceRequest, object>(
  "DeleteNetworkInterface",
  (input, { cloud, call }) => {
    answer(cloud.deleteEni({ eniId: asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId")) }, call));
    return DONE;
  },
);

/** The primary address may come by itself or as the entry marked so; the other entries are secondary. */
export function splitAddresses(
  alone: string | undefined,
  entries: readonly PrivateIpAddressSpecification[] = [],
): { readonly primary: Ipv4 | undefined; readonly secondary: readonly string[] } {
  const marked = entries
    .filter(({ Primary }) => Primary === true)
    .map(({ PrivateIpAddress }) => need(PrivateIpAddress, "privateIpAddress"));
  const secondary = entries
    .filter(({ Primary }) => Primary !== true)
    .map(({ PrivateIpAddress }) => need(PrivateIpAddress, "privateIpAddress"));
  const primaries = [...(alone === undefined ? [] : [alone]), ...marked];
  if (new Set(primaries).size > 1) throw invalidValue("Only one primary private IP address can be specified.");
  const [text] = primaries;
  return { primary: text === undefined ? undefined : answer(readAddress(text)), secondary };
}

const KINDS: readonly EniKind[] = ["interface", "trunk", "branch", "efa", "efa-only"];

export function eniKind(interfaceType: string | undefined): EniKind {
  if (interfaceType === undefined) return "interface";
  const kind = KINDS.find((candidate) => candidate === interfaceType);
  if (kind === undefined) throw invalidValue(`Invalid value '${interfaceType}' for InterfaceType.`);
  return kind;
}
