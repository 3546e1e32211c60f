import { cidr4Size, cidr6Size, isCidr6, type CidrRange } from "@slash28/address";
import { RESERVED_BY_AWS } from "../addresses/address-space.ts";
import { hasAllowedSize } from "../vpcs/cidr-rules.ts";
import { hasAllowedIpv6Size } from "./ipv6-cidr-actions.ts";

/** How many addresses a subnet of this range gives out: all but five. `undefined`: no subnet may be of this size (/16 to /28; IPv6 /44 to /64 by fours). */
export function usableAddresses(range: CidrRange): bigint | undefined {
  if (isCidr6(range)) return hasAllowedIpv6Size(range) ? cidr6Size(range) - BigInt(RESERVED_BY_AWS) : undefined;
  return hasAllowedSize(range) ? BigInt(cidr4Size(range) - RESERVED_BY_AWS) : undefined;
}
