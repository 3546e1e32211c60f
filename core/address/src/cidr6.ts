import { formatIpv6, ipv6FromBigint, parseIpv6, type Ipv6 } from "./ipv6.ts";

/** An IPv6 range: `base` has no host bits set; `length` is the prefix length, 0 to 128. */
export interface Cidr6 {
  readonly base: Ipv6;
  readonly length: number;
}

/** The length of the IPv6 prefixes that EC2 delegates to an ENI. */
export const IPV6_PREFIX_LENGTH = 80;

const BITS = 128;
const LENGTH = /^(?:0|[1-9]\d{0,2})$/;

/** Reads `address/n` with the address in any form. `undefined` when it is not a range or has host bits set; see {@link parseCidr6Loose}. */
export function parseCidr6(text: string): Cidr6 | undefined {
  const parts = readParts(text);
  if (parts === undefined) return undefined;
  const range = cidr6Of(parts.address, parts.length);
  return range.base === parts.address ? range : undefined;
}

/** Reads `address/n`, clearing host bits: `2001:db8::7/64` is `2001:db8::/64`. */
export function parseCidr6Loose(text: string): Cidr6 | undefined {
  const parts = readParts(text);
  return parts === undefined ? undefined : cidr6Of(parts.address, parts.length);
}

/** Like {@link parseCidr6}, for literals in code: throws on text that is not a range. */
export function cidr6(text: string): Cidr6 {
  const parsed = parseCidr6(text);
  if (parsed === undefined) throw new TypeError(`${JSON.stringify(text)} is not an IPv6 CIDR range`);
  return parsed;
}

/** The range of this length that holds `address`. */
export function cidr6Of(address: Ipv6, length: number): Cidr6 {
  return { base: clearHostBits(address, length), length };
}

/** RFC 5952 text with the prefix length. */
export function formatCidr6(range: Cidr6): string {
  return `${formatIpv6(range.base)}/${range.length}`;
}

/** How many addresses the range holds. */
export function cidr6Size(range: Cidr6): bigint {
  return 1n << BigInt(BITS - range.length);
}

/** The highest address of the range. */
export function cidr6Last(range: Cidr6): Ipv6 {
  return (range.base + cidr6Size(range) - 1n) as Ipv6;
}

/** Whether the range holds the address. */
export function cidr6Has(range: Cidr6, address: Ipv6): boolean {
  return clearHostBits(address, range.length) === range.base;
}

/** Whether `outer` holds all of `inner`. */
export function cidr6Contains(outer: Cidr6, inner: Cidr6): boolean {
  return inner.length >= outer.length && cidr6Has(outer, inner.base);
}

/** Whether two ranges share an address. */
export function cidr6Overlaps(a: Cidr6, b: Cidr6): boolean {
  return a.length <= b.length ? cidr6Has(a, b.base) : cidr6Has(b, a.base);
}

/** Whether two ranges are the same. */
export function cidr6Equal(a: Cidr6, b: Cidr6): boolean {
  return a.base === b.base && a.length === b.length;
}

/** The range cut into pieces of the longer prefix length, lowest first, made as they are asked for: a /64 has 65,536 /80s. */
export function* splitCidr6(range: Cidr6, length: number): Generator<Cidr6, void> {
  if (length < range.length || length > BITS) return;
  const step = 1n << BigInt(BITS - length);
  const end = range.base + cidr6Size(range);
  for (let base: bigint = range.base; base < end; base += step) yield { base: ipv6FromBigint(base), length };
}

/** How many pieces of the longer prefix length the range has; 0 when `length` is no longer one. */
export function countCidr6Pieces(range: Cidr6, length: number): bigint {
  return length < range.length || length > BITS ? 0n : 1n << BigInt(length - range.length);
}

function readParts(text: string): { readonly address: Ipv6; readonly length: number } | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseIpv6(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (address === undefined || !LENGTH.test(lengthText)) return undefined;
  const length = Number(lengthText);
  return length > BITS ? undefined : { address, length };
}

function clearHostBits(address: Ipv6, length: number): Ipv6 {
  const hostBits = BigInt(BITS - length);
  return ((address >> hostBits) << hostBits) as Ipv6;
}
