import { cidr4Last, cidr4Overlaps, splitCidr4, type Cidr4 } from "./cidr4.ts";
import { aggregateCidrs4, subtractCidrs4 } from "./cidr4-set.ts";
import { cidr6Last, cidr6Overlaps, splitCidr6, type Cidr6 } from "./cidr6.ts";
import { aggregateCidrs6, subtractCidrs6 } from "./cidr6-set.ts";
import { isCidr4, isCidr6, type CidrRange } from "./family.ts";
import type { Ipv4 } from "./ipv4.ts";
import type { Ipv6 } from "./ipv6.ts";

/** The highest address of a range of either family. */
export function cidrRangeLast(range: CidrRange): Ipv4 | Ipv6 {
  return isCidr6(range) ? cidr6Last(range) : cidr4Last(range);
}

/** Whether two ranges share an address; ranges of different families never do. */
export function cidrRangesOverlap(a: CidrRange, b: CidrRange): boolean {
  if (isCidr6(a)) return isCidr6(b) && cidr6Overlaps(a, b);
  return isCidr4(b) && cidr4Overlaps(a, b);
}

/** The range cut into pieces of the longer prefix length, lowest first; none when `length` is shorter, or longer than the family has bits. */
export function splitCidrRange(range: CidrRange, length: number): Iterable<CidrRange> {
  return isCidr6(range) ? splitCidr6(range, length) : splitCidr4(range, length);
}

/** How many pieces of the longer prefix length the range has; 0 when `length` is no longer one. */
export function countCidrRangePieces(range: CidrRange, length: number): bigint {
  return length < range.length || length > addressBits(range) ? 0n : 1n << BigInt(length - range.length);
}

/** The fewest ranges that hold exactly the same addresses: those of IPv4 first, lowest first. */
export function aggregateCidrRanges(ranges: readonly CidrRange[]): CidrRange[] {
  const { four, six } = byFamily(ranges);
  return [...aggregateCidrs4(four), ...aggregateCidrs6(six)];
}

/** The fewest ranges that hold the addresses of `from` that are in none of `less`: those of IPv4 first, lowest first. */
export function subtractCidrRanges(from: readonly CidrRange[], less: readonly CidrRange[]): CidrRange[] {
  const [all, taken] = [byFamily(from), byFamily(less)];
  return [...subtractCidrs4(all.four, taken.four), ...subtractCidrs6(all.six, taken.six)];
}

/** 32 or 128: the prefix length of a single address. */
export function addressBits(range: CidrRange): 32 | 128 {
  return isCidr6(range) ? 128 : 32;
}

function byFamily(ranges: readonly CidrRange[]): { readonly four: readonly Cidr4[]; readonly six: readonly Cidr6[] } {
  return { four: ranges.filter(isCidr4), six: ranges.filter(isCidr6) };
}
