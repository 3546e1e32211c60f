import { asId, formatCidr4, formatIpv4, type EniId } from "@slash28/address";
import type {
  AssignPrivateIpAddressesRequest,
  AssignPrivateIpAddressesResult,
  UnassignPrivateIpAddressesRequest,
} from "@aws-sdk/client-ec2";
import { answer, DONE, mutation, need } from "../../action.ts";
import { carryOf } from "./carry.ts";

/** Answers the new addresses and prefixes only, as EC2 does. */
export const assignPrivateIpAddresses = mutation<AssignPrivateIpAddressesRequest, AssignPrivateIpAddressesResult>(
  "AssignPrivateIpAddresses",
  (input, { cloud, call }) => {
    const assigned = cloud.assignAddresses(
      {
        eniId: asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId")),
        carry: carryOf({
          addresses: input.PrivateIpAddresses,
          addressCount: input.SecondaryPrivateIpAddressCount,
          prefixes: input.Ipv4Prefixes,
          prefixCount: input.Ipv4PrefixCount,
        }),
        mayReassign: input.AllowReassignment ?? false,
      },
      call,
    );
    const { eniId, addresses, prefixes } = answer(assigned);
    return {
      NetworkInterfaceId: eniId,
      AssignedPrivateIpAddresses: addresses.map((address) => ({ PrivateIpAddress: formatIpv4(address) })),
      AssignedIpv4Prefixes: prefixes.map((prefix) => ({ Ipv4Prefix: formatCidr4(prefix) })),
    };
  },
);

export const unassignPrivateIpAddresses = mutation<UnassignPrivateIpAddressesRequest, object>(
  "UnassignPrivateIpAddresses",
  (input, { cloud, call }) => {
    const { addresses, prefixes } = carryOf({ addresses: input.PrivateIpAddresses, prefixes: input.Ipv4Prefixes });
    const eniId = asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId"));
    const taken = cloud.unassignAddresses(
      { eniId, ...(addresses === undefined ? {} : { addresses }), ...(prefixes === undefined ? {} : { prefixes }) },
      call,
    );
    answer(taken);
    return DONE;
  },
);
