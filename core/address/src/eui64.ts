import { cidr6, type Cidr6 } from "./cidr6.ts";
import { ipv6FromBigint, type Ipv6 } from "./ipv6.ts";
import { macToBytes, type Mac } from "./mac.ts";

const LINK_LOCAL = cidr6("fe80::/64");
const UNIVERSAL_BIT = 0x02;

/** The interface identifier made from a MAC (RFC 4291 appendix A): `ff:fe` in the middle, the universal bit turned over. 64 bits. */
export function eui64(mac: Mac): bigint {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macToBytes(mac);
  return [a ^ UNIVERSAL_BIT, b, c, 0xff, 0xfe, d, e, f].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** The address that a link with this MAC forms in a range of /64 or shorter (RFC 4862); `undefined` in a longer one, which has no room for it. */
export function eui64Ipv6(range: Cidr6, mac: Mac): Ipv6 | undefined {
  return range.length > 64 ? undefined : ipv6FromBigint(range.base | eui64(mac));
}

/** The link-local address that a link with this MAC gives itself, unless the kernel is told to make another. */
export function linkLocalIpv6(mac: Mac): Ipv6 {
  return ipv6FromBigint(LINK_LOCAL.base | eui64(mac));
}
