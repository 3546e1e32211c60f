import * as fc from "fast-check";
import {
  cidr4Of,
  cidr6Of,
  formatIpv6,
  ipv4FromNumber,
  ipv6FromBigint,
  macFromBytes,
  type Cidr4,
  type Cidr6,
  type Ipv4,
  type Ipv6,
  type Mac,
} from "../src/index.ts";

export const arbIpv4: fc.Arbitrary<Ipv4> = fc.integer({ min: 0, max: 0xffff_ffff }).map(ipv4FromNumber);

/** Each group often zero, so that `::` has something to stand for. */
export const arbIpv6: fc.Arbitrary<Ipv6> = fc
  .array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => ipv6FromBigint(groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n)));

export const arbCidr4: fc.Arbitrary<Cidr4> = fc
  .tuple(arbIpv4, fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => cidr4Of(address, length));

export const arbCidr6: fc.Arbitrary<Cidr6> = fc
  .tuple(arbIpv6, fc.integer({ min: 0, max: 128 }))
  .map(([address, length]) => cidr6Of(address, length));

export const arbMac: fc.Arbitrary<Mac> = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => macFromBytes(bytes));

/** Text near to IPv6: an address as written, with a few characters put in, taken out or changed. */
export const arbAlmostIpv6: fc.Arbitrary<string> = fc
  .tuple(
    arbIpv6,
    fc.array(fc.tuple(fc.nat(40), fc.constantFrom("", ":", "::", "0", "f", "G", ".", "1.2.3.4", "%1", " ")), { maxLength: 3 }),
  )
  .map(([address, edits]) =>
    edits.reduce(
      (text, [at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1),
      formatIpv6(address),
    ),
  );
