import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import {
  cidr6,
  cidr6Contains,
  cidr6Equal,
  cidr6Has,
  cidr6Last,
  cidr6Of,
  cidr6Overlaps,
  cidr6Size,
  countCidr6Pieces,
  formatCidr6,
  formatIpv6,
  ipv6ToBytes,
  IPV6_PREFIX_LENGTH,
  offsetIpv6,
  parseCidr6,
  parseCidr6Loose,
  splitCidr6,
} from "../src/index.ts";
import { arbCidr6, arbIpv6 } from "./arbitraries.ts";

test.each([
  ["::/0", "::/0"],
  ["2600:1F18:0:1200::/56", "2600:1f18:0:1200::/56"],
  ["2001:db8:0:0:0:0:0:0/32", "2001:db8::/32"],
  ["::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104"],
  ["::1/128", "::1/128"],
])("%s is written %s", (text, canonical) => {
  expect(formatCidr6(cidr6(text))).toBe(canonical);
});

test.each(["", "::", "::/", "/64", "::/129", "::/064", "::/1000", "::/-1", "::/64/64", "::%1/64", "10.0.0.0/8"])(
  "%j is refused, strict or loose",
  (text) => {
    expect(parseCidr6(text)).toBeUndefined();
    expect(parseCidr6Loose(text)).toBeUndefined();
    expect(() => cidr6(text)).toThrow("is not an IPv6 CIDR range");
  },
);

test("host bits are refused strictly and cleared loosely", () => {
  expect(parseCidr6("2001:db8::7/64")).toBeUndefined();
  expect(parseCidr6Loose("2001:db8::7/64")).toEqual(cidr6("2001:db8::/64"));
});

test("size is exact where numbers would round", () => {
  expect(cidr6Size(cidr6("::/0"))).toBe(2n ** 128n);
  expect(cidr6Size(cidr6("2001:db8::/64"))).toBe(18_446_744_073_709_551_616n);
  expect(cidr6Size(cidr6("::1/128"))).toBe(1n);
});

describe("a range", () => {
  test("is the one ipaddr.js finds: first, last, text", () => {
    fc.assert(
      fc.property(arbIpv6, fc.integer({ min: 0, max: 128 }), (address, length) => {
        const range = cidr6Of(address, length);
        const text = `${formatIpv6(address)}/${length}`;
        expect([...ipv6ToBytes(range.base)]).toEqual(ipaddr.IPv6.networkAddressFromCIDR(text).toByteArray());
        expect([...ipv6ToBytes(cidr6Last(range))]).toEqual(ipaddr.IPv6.broadcastAddressFromCIDR(text).toByteArray());
        expect(parseCidr6(formatCidr6(range))).toEqual(range);
        expect(parseCidr6Loose(text)).toEqual(range);
        expect(parseCidr6(text)).toEqual(range.base === address ? range : undefined);
      }),
    );
  });

  test("has an address when ipaddr.js matches it", () => {
    fc.assert(
      fc.property(arbCidr6, arbIpv6, (range, address) => {
        const matches = new ipaddr.IPv6([...ipv6ToBytes(address)]).match(new ipaddr.IPv6([...ipv6ToBytes(range.base)]), range.length);
        expect(cidr6Has(range, address)).toBe(matches);
      }),
    );
  });

  test("has its addresses from the first to the last, and neither neighbour", () => {
    fc.assert(
      fc.property(arbCidr6, fc.bigInt({ min: 0n, max: 2n ** 128n }), (range, step) => {
        expect(cidr6Has(range, offsetIpv6(range.base, step % cidr6Size(range)))).toBe(true);
        expect(cidr6Has(range, offsetIpv6(range.base, -1n))).toBe(range.length === 0);
        expect(cidr6Has(range, offsetIpv6(cidr6Last(range), 1n))).toBe(range.length === 0);
      }),
    );
  });

  test("two nest or share nothing", () => {
    fc.assert(
      fc.property(arbCidr6, arbCidr6, (a, b) => {
        expect(cidr6Overlaps(a, b)).toBe(cidr6Contains(a, b) || cidr6Contains(b, a));
        expect(cidr6Overlaps(a, b)).toBe(a.base <= cidr6Last(b) && b.base <= cidr6Last(a));
        expect(cidr6Equal(a, b)).toBe(cidr6Contains(a, b) && cidr6Contains(b, a));
      }),
    );
  });
});

describe("splitting", () => {
  test("a subnet's /64 holds 65,536 prefixes of EC2's length, made on demand", () => {
    const subnet = cidr6("2600:1f18:0:1200::/64");
    expect(countCidr6Pieces(subnet, IPV6_PREFIX_LENGTH)).toBe(65_536n);
    const pieces = splitCidr6(subnet, IPV6_PREFIX_LENGTH);
    expect([pieces.next(), pieces.next()].map(({ value }) => value && formatCidr6(value))).toEqual([
      "2600:1f18:0:1200::/80",
      "2600:1f18:0:1200:1::/80",
    ]);
    expect([...splitCidr6(subnet, IPV6_PREFIX_LENGTH)]).toHaveLength(65_536);
  });

  test("gives nothing for a shorter length or one past 128, and itself for its own", () => {
    const range = cidr6("2001:db8::/64");
    for (const length of [63, 129]) {
      expect([...splitCidr6(range, length)]).toEqual([]);
      expect(countCidr6Pieces(range, length)).toBe(0n);
    }
    expect([...splitCidr6(range, 64)]).toEqual([range]);
  });

  test("pieces follow each other without a hole and fill the range, to the end of the space too", () => {
    fc.assert(
      fc.property(fc.oneof(arbCidr6, fc.constant(cidr6("ffff:ffff:ffff:ffff::/64"))), fc.nat(8), (range, deeper) => {
        fc.pre(range.length + deeper <= 128);
        const pieces = [...splitCidr6(range, range.length + deeper)];
        let next: bigint = range.base;
        for (const piece of pieces) {
          expect(piece.base).toBe(next);
          next += cidr6Size(piece);
        }
        expect(next).toBe(cidr6Last(range) + 1n);
        expect(BigInt(pieces.length)).toBe(countCidr6Pieces(range, range.length + deeper));
      }),
    );
  });
});
