import { addressAt, cidr4, cidr6, formatAddress, type CidrRange } from "@slash28/address";
import type { NetworkConfig } from "../state.ts";

/** What EKS takes for the services of an IPv4 cluster unless told, and what it takes where the VPC is in the way of that. */
export const USUAL_SERVICE_RANGES = [cidr4("10.100.0.0/16"), cidr4("172.20.0.0/16")] as const;

/** Where a cluster's services have their addresses; its family is the cluster's. */
export function serviceRangeOf(network: NetworkConfig): CidrRange {
  return network.ipFamily === "ipv4" ? cidr4(network.serviceIpv4Cidr) : cidr6(network.serviceIpv6Cidr);
}

/** What a service range keeps for the cluster itself: its first address is the API's, its tenth (`::a` of IPv6) cluster DNS's. */
export function ownServiceAddresses(range: CidrRange): { readonly api: string; readonly dns: string } {
  return { api: formatAddress(addressAt(range, 1n)), dns: formatAddress(addressAt(range, 10n)) };
}
