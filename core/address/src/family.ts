import { cidr4Contains, formatCidr4, parseCidr4, type Cidr4 } from "./cidr4.ts";
import { cidr6Contains, formatCidr6, parseCidr6, type Cidr6 } from "./cidr6.ts";
import { parseIpv4, type Ipv4 } from "./ipv4.ts";
import { parseIpv6, type Ipv6 } from "./ipv6.ts";

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
