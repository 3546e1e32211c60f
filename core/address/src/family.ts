import { cidr4Contains, cidr4Has, cidr4Size, formatCidr4, parseCidr4, type Cidr4 } from "./cidr4.ts";
import { cidr6Contains, cidr6Has, cidr6Size, formatCidr6, parseCidr6, type Cidr6 } from "./cidr6.ts";
import { formatIpv4, offsetIpv4, parseIpv4, type Ipv4 } from "./ipv4.ts";
import { formatIpv6, offsetIpv6, parseIpv6, type Ipv6 } from "./ipv6.ts";

/** An address of either family. */
export type Address = { readonly family: 4; readonly address: Ipv4 } | { readonly family: 6; readonly address: Ipv6 };

/** A range of either family. */
export type Cidr = { readonly family: 4; readonly range: Cidr4 } | { readonly family: 6; readonly range: Cidr6 };

/** Reads an address of either family; only IPv6 text has a colon. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(":")) {
    const address = parseIpv6(text);
    return address === undefined ? undefined : { family: 6, address };
  }
  const address = parseIpv4(text);
  return address === undefined ? undefined : { family: 4, address };
}

/** Reads a range of either family, without host bits. */
export function parseCidr(text: string): Cidr | undefined {
  if (text.includes(":")) {
    const range = parseCidr6(text);
    return range === undefined ? undefined : { family: 6, range };
  }
  const range = parseCidr4(text);
  return range === undefined ? undefined : { family: 4, range };
}

/** A range of either family without a tag: an IPv6 range is the one whose base is a bigint. What route tables and group rules hold. */
export type CidrRange = Cidr4 | Cidr6;

export function isCidr6(range: CidrRange): range is Cidr6 {
  return typeof range.base === "bigint";
}

export function isCidr4(range: CidrRange): range is Cidr4 {
  return typeof range.base === "number";
}

export function formatCidrRange(range: CidrRange): string {
  return isCidr6(range) ? formatCidr6(range) : formatCidr4(range);
}

/** Whether `outer` holds all of `inner`; ranges of different families share nothing. */
export function cidrRangeContains(outer: CidrRange, inner: CidrRange): boolean {
  if (isCidr6(outer)) return isCidr6(inner) && cidr6Contains(outer, inner);
  return isCidr4(inner) && cidr4Contains(outer, inner);
}

export function cidrRangesEqual(a: CidrRange, b: CidrRange): boolean {
  return a.base === b.base && a.length === b.length;
}

/** Text of an address of either family without a tag: an IPv6 address is the bigint. */
export function formatAddress(address: Ipv4 | Ipv6): string {
  return typeof address === "bigint" ? formatIpv6(address) : formatIpv4(address);
}

/** How many addresses the range holds. */
export function cidrRangeSize(range: CidrRange): bigint {
  return isCidr6(range) ? cidr6Size(range) : BigInt(cidr4Size(range));
}

/** The address that lies `offset` behind the range's first; wraps at the ends of the space. */
export function addressAt(range: CidrRange, offset: bigint): Ipv4 | Ipv6 {
  return isCidr6(range) ? offsetIpv6(range.base, offset) : offsetIpv4(range.base, Number(offset));
}

/** How far an address lies behind the range's first; `undefined` for one that is not in it, such as every one of the other family. */
export function offsetInRange(range: CidrRange, address: Ipv4 | Ipv6): bigint | undefined {
  if (typeof address === "bigint") return isCidr6(range) && cidr6Has(range, address) ? address - range.base : undefined;
  return isCidr4(range) && cidr4Has(range, address) ? BigInt(address - range.base) : undefined;
}
