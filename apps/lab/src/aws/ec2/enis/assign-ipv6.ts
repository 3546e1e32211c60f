import { asId, formatCidr6, formatIpv6, type EniId } from "@slash28/address";
import type {
  AssignIpv6AddressesRequest,
  AssignIpv6AddressesResult,
  UnassignIpv6AddressesRequest,
  UnassignIpv6AddressesResult,
} from "@aws-sdk/client-ec2";
import { answer, mutation, need } from "../../action.ts";
import { ipv6CarryOf } from "./ipv6-carry.ts";

export const assignIpv6Addresses = mutation<AssignIpv6AddressesRequest, AssignIpv6AddressesResult>(
  "AssignIpv6Addresses",
  (input, { cloud, call }) => {
    const carry = ipv6CarryOf({
      addresses: input.Ipv6Addresses,
      addressCount: input.Ipv6AddressCount,
      prefixes: input.Ipv6Prefixes,
      prefixCount: input.Ipv6PrefixCount,
    });
    const eniId = asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId"));
    const { addresses, prefixes } = answer(cloud.assignIpv6Addresses({ eniId, carry: carry ?? {} }, call));
    return {
      NetworkInterfaceId: eniId,
      AssignedIpv6Addresses: addresses.map(formatIpv6),
      AssignedIpv6Prefixes: prefixes.map(formatCidr6),
    };
  },
);

export const unassignIpv6Addresses = mutation<UnassignIpv6AddressesRequest, UnassignIpv6AddressesResult>(
  "UnassignIpv6Addresses",
  (input, { cloud, call }) => {
    const { addresses, prefixes } = ipv6CarryOf({ addresses: input.Ipv6Addresses, prefixes: input.Ipv6Prefixes }) ?? {};
    const eniId = asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId"));
    const gone = answer(
      cloud.unassignIpv6Addresses(
        { eniId, ...(addresses === undefined ? {} : { addresses }), ...(prefixes === undefined ? {} : { prefixes }) },
        call,
      ),
    );
    return {
      NetworkInterfaceId: eniId,
      UnassignedIpv6Addresses: gone.addresses.map(formatIpv6),
      UnassignedIpv6Prefixes: gone.prefixes.map(formatCidr6),
    };
  },
);
