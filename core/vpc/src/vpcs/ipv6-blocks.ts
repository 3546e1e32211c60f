import { firstFreeCidr6, type Cidr6 } from "@slash28/address";
import type { State } from "../cloud/state.ts";

/** The size of the IPv6 blocks that Amazon provides (AWS: "VPC CIDR blocks"). */
const AMAZON_BLOCK_LENGTH = 56;

/** The lowest block of the Region's IPv6 pool that no VPC has. */
export function freeIpv6Block(state: State): Cidr6 | undefined {
  const used = [...state.vpcs.values()].flatMap((vpc) => vpc.ipv6Cidrs.map(({ cidr }) => cidr));
  return firstFreeCidr6(state.ipv6Pool, used, AMAZON_BLOCK_LENGTH);
}
