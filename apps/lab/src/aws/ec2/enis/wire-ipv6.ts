import { formatCidr6, formatIpv6 } from "@slash28/address";
import type { Ipv6PrefixSpecification, NetworkInterfaceIpv6Address } from "@aws-sdk/client-ec2";
import type { Eni } from "@slash28/vpc";

/** What of IPv6 an ENI shows; addresses inside prefixes are not listed one by one. */
export interface WireIpv6 {
  readonly Ipv6Addresses: NetworkInterfaceIpv6Address[];
  readonly Ipv6Prefixes: Ipv6PrefixSpecification[] | undefined;
}

export function wireIpv6({ ipv6Addresses, ipv6Prefixes, hasPrimaryIpv6 }: Eni): WireIpv6 {
  return {
    Ipv6Addresses: ipv6Addresses.map((address, index) => ({
      Ipv6Address: formatIpv6(address),
      IsPrimaryIpv6: index === 0 && hasPrimaryIpv6 === true,
    })),
    Ipv6Prefixes: ipv6Prefixes.length === 0 ? undefined : ipv6Prefixes.map((prefix) => ({ Ipv6Prefix: formatCidr6(prefix) })),
  };
}
