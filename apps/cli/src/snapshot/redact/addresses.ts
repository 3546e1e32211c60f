import {
  cidr4Has,
  formatCidr4,
  formatIpv4,
  formatIpv6,
  ipv4FromNumber,
  ipv6FromBigint,
  parseCidr4,
  parseIpv4,
  parseIpv6,
  type Cidr4,
  type Ipv4,
} from "@slash28/address";
import type { Pseudonyms } from "./pseudonyms.ts";

/** Addresses and ranges that stand for others. */
export interface AddressPseudonyms {
  address4(address: Ipv4): Ipv4;
  range4(range: Cidr4): Cidr4;
  /** An address or range of IPv6 in text; unchanged when it is none. */
  text6(text: string): string;
}

/** What a range is for, which must not change, and how many of its first bits say so. */
const KEPT_BITS: readonly (readonly [string, number])[] = [
  ["10.0.0.0/8", 8],
  ["100.64.0.0/10", 10],
  ["172.16.0.0/12", 12],
  ["192.168.0.0/16", 16],
  // Link-local, loopback, "any", multicast: the metadata service, the VPC's resolver, cluster DNS on the node.
  ["169.254.0.0/16", 32],
  ["127.0.0.0/8", 32],
  ["0.0.0.0/8", 32],
  ["224.0.0.0/3", 32],
];
/** Public first bytes that private ranges share: their second byte must not wander into those. */
const SHARED_BYTES = new Set([100, 172, 192, 169]);
const KEPT = KEPT_BITS.flatMap(([text, bits]) => {
  const range = parseCidr4(text);
  return range === undefined ? [] : [{ range, bits }];
});

/**
 * Addresses that share their first n bits still share n bits, and no more (as Crypto-PAn does, Xu et al. 2002); within a subnet an address
 * keeps its place. So sizes, overlaps, free addresses and whole /28s stay what they are.
 *
 * @param subnets the ranges within which addresses keep their place
 */
export function addressPseudonyms(pseudonyms: Pseudonyms, subnets: readonly Cidr4[]): AddressPseudonyms {
  const bits = new Map<string, 0 | 1>();
  const flip = (prefix: string): 0 | 1 => {
    const known = bits.get(prefix) ?? pseudonyms.bit(prefix);
    bits.set(prefix, known);
    return known;
  };
  const mapped = (value: bigint, width: number, from: number, until: number): bigint => {
    let result = value;
    for (let bit = from; bit < until; bit++) {
      const prefix = value >> BigInt(width - bit);
      result ^= BigInt(flip(`${width}/${bit}/${prefix.toString(16)}`)) << BigInt(width - bit - 1);
    }
    return result;
  };
  const map4 = (address: Ipv4, length: number): Ipv4 => {
    const subnet = subnets.find((range) => cidr4Has(range, address));
    return ipv4FromNumber(Number(mapped(BigInt(address), 32, keptBits(address), Math.min(length, subnet?.length ?? 32))));
  };
  return {
    address4: (address) => map4(address, 32),
    range4: (range) => ({ ...range, base: map4(range.base, range.length) }),
    text6: (text) => {
      const [address, length] = text.split("/");
      const parsed = parseIpv6(address ?? "");
      if (parsed === undefined) return text;
      const value: bigint = parsed;
      // Unique local and global addresses; within a /64 all stays, so that /80 prefixes do.
      const from = value >> 125n === 1n ? 3 : value >> 121n === 0x7en && value >> 96n !== 0xfd000ec2n ? 8 : 64;
      const until = Math.min(64, length === undefined ? 64 : Number(length));
      const result = formatIpv6(ipv6FromBigint(mapped(value, 128, from, until)));
      return length === undefined ? result : `${result}/${length}`;
    },
  };
}

function keptBits(address: Ipv4): number {
  const kept = KEPT.find(({ range }) => cidr4Has(range, address))?.bits;
  if (kept !== undefined) return kept;
  return SHARED_BYTES.has(Math.floor(address / 2 ** 24)) ? 16 : 8;
}

/** An address or range of IPv4 in text; unchanged when it is none. */
export function text4(text: string, pseudonyms: AddressPseudonyms): string {
  const range = text.includes("/") ? parseCidr4(text) : undefined;
  if (range !== undefined) return formatCidr4(pseudonyms.range4(range));
  const [host, length] = text.split("/");
  const address = parseIpv4(host ?? "");
  if (address === undefined) return text;
  return `${formatIpv4(pseudonyms.address4(address))}${length === undefined ? "" : `/${length}`}`;
}
