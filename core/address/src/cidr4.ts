import { formatIpv4, parseIpv4, type Ipv4 } from "./ipv4.ts";

/** An IPv4 range: `base` has no host bits set; `length` is the prefix length, 0 to 32. */
export interface Cidr4 {
  readonly base: Ipv4;
  readonly length: number;
}

const LENGTH = /^(?:0|[1-9]\d?)$/;

/** Reads `a.b.c.d/n`. `undefined` when it is not a range or has host bits set; see {@link parseCidr4Loose}. */
export function parseCidr4(text: string): Cidr4 | undefined {
  const loose = parseCidr4Loose(text);
  if (loose === undefined) return undefined;
  return formatCidr4(loose) === text ? loose : undefined;
}

/** Reads `a.b.c.d/n`, clearing host bits: `10.0.0.7/24` is `10.0.0.0/24`. */
export function parseCidr4Loose(text: string): Cidr4 | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseIpv4(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (address === undefined || !LENGTH.test(lengthText)) return undefined;
  const length = Number(lengthText);
  return length > 32 ? undefined : cidr4Of(address, length);
}

/** Like {@link parseCidr4}, for literals in code: throws on text that is not a range. */
export function cidr4(text: string): Cidr4 {
  const parsed = parseCidr4(text);
  if (parsed === undefined) throw new TypeError(`${JSON.stringify(text)} is not an IPv4 CIDR range`);
  return parsed;
}

/** The range of this length that holds `address`. */
export function cidr4Of(address: Ipv4, length: number): Cidr4 {
  return { base: ((address & mask(length)) >>> 0) as Ipv4, length };
}

/** `a.b.c.d/n` text. */
export function formatCidr4(range: Cidr4): string {
  return `${formatIpv4(range.base)}/${range.length}`;
}

/** How many addresses the range holds. */
export function cidr4Size(range: Cidr4): number {
  return 2 ** (32 - range.length);
}

/** The highest address of the range. */
export function cidr4Last(range: Cidr4): Ipv4 {
  return (range.base + cidr4Size(range) - 1) as Ipv4;
}

/** Whether the range holds the address. */
export function cidr4Has(range: Cidr4, address: Ipv4): boolean {
  return (address & mask(range.length)) >>> 0 === range.base;
}

/** Whether `outer` holds all of `inner`. */
export function cidr4Contains(outer: Cidr4, inner: Cidr4): boolean {
  return inner.length >= outer.length && cidr4Has(outer, inner.base);
}

/** Whether two ranges share an address. */
export function cidr4Overlaps(a: Cidr4, b: Cidr4): boolean {
  return a.length <= b.length ? cidr4Has(a, b.base) : cidr4Has(b, a.base);
}

/** Whether two ranges are the same. */
export function cidr4Equal(a: Cidr4, b: Cidr4): boolean {
  return a.base === b.base && a.length === b.length;
}

/** The range cut into pieces of the longer prefix length, lowest first. */
export function splitCidr4(range: Cidr4, length: number): Cidr4[] {
  if (length < range.length || length > 32) return [];
  const step = 2 ** (32 - length);
  return Array.from({ length: 2 ** (length - range.length) }, (_, i) => ({ base: (range.base + i * step) as Ipv4, length }));
}

/** The netmask of a prefix length, as a signed 32-bit mask. */
function mask(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) | 0;
}
