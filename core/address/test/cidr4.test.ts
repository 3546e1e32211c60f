import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import {
  cidr4,
  cidr4Contains,
  cidr4Equal,
  cidr4Has,
  cidr4Last,
  cidr4Of,
  cidr4Overlaps,
  cidr4Size,
  formatCidr4,
  formatIpv4,
  offsetIpv4,
  parseCidr4,
  parseCidr4Loose,
  splitCidr4,
} from "../src/index.ts";
import { arbCidr4, arbIpv4 } from "./arbitraries.ts";

test.each(["0.0.0.0/0", "10.0.0.0/8", "128.0.0.0/1", "10.0.0.16/28", "255.255.255.255/32"])("%s is read and written", (text) => {
  expect(formatCidr4(cidr4(text))).toBe(text);
});

test.each([
  "",
  "10.0.0.0",
  "10.0.0.0/",
  "/8",
  "10.0.0.0/33",
  "10.0.0.0/08",
  "10.0.0.0/+8",
  "10.0.0.0/8/8",
  "10.0.0/8",
  "10.0.0.0/8 ",
  "::/0",
])("%j is refused, strict or loose", (text) => {
  expect(parseCidr4(text)).toBeUndefined();
  expect(parseCidr4Loose(text)).toBeUndefined();
  expect(() => cidr4(text)).toThrow("is not an IPv4 CIDR range");
});

test("host bits are refused strictly and cleared loosely", () => {
  expect(parseCidr4("10.0.0.7/24")).toBeUndefined();
  expect(parseCidr4Loose("10.0.0.7/24")).toEqual(cidr4("10.0.0.0/24"));
  expect(parseCidr4Loose("200.1.2.3/0")).toEqual(cidr4("0.0.0.0/0"));
});

describe("a range", () => {
  test("is the one ipaddr.js finds: first, last, size, text", () => {
    fc.assert(
      fc.property(arbIpv4, fc.integer({ min: 0, max: 32 }), (address, length) => {
        const range = cidr4Of(address, length);
        const text = `${formatIpv4(address)}/${length}`;
        expect(formatIpv4(range.base)).toBe(ipaddr.IPv4.networkAddressFromCIDR(text).toString());
        expect(formatIpv4(cidr4Last(range))).toBe(ipaddr.IPv4.broadcastAddressFromCIDR(text).toString());
        expect(cidr4Last(range) - range.base + 1).toBe(cidr4Size(range));
        expect(parseCidr4(formatCidr4(range))).toEqual(range);
        expect(parseCidr4Loose(text)).toEqual(range);
      }),
    );
  });

  test("has an address when ipaddr.js matches it", () => {
    fc.assert(
      fc.property(arbCidr4, arbIpv4, (range, address) => {
        const matches = ipaddr.IPv4.parse(formatIpv4(address)).match(ipaddr.IPv4.parse(formatIpv4(range.base)), range.length);
        expect(cidr4Has(range, address)).toBe(matches);
      }),
    );
  });

  test("has its addresses from the first to the last, and neither neighbour", () => {
    fc.assert(
      fc.property(arbCidr4, fc.nat(), (range, step) => {
        expect(cidr4Has(range, offsetIpv4(range.base, step % cidr4Size(range)))).toBe(true);
        expect(cidr4Has(range, offsetIpv4(range.base, -1))).toBe(range.length === 0);
        expect(cidr4Has(range, offsetIpv4(cidr4Last(range), 1))).toBe(range.length === 0);
      }),
    );
  });

  test("two nest or share nothing", () => {
    fc.assert(
      fc.property(arbCidr4, arbCidr4, (a, b) => {
        expect(cidr4Overlaps(a, b)).toBe(cidr4Contains(a, b) || cidr4Contains(b, a));
        expect(cidr4Overlaps(a, b)).toBe(a.base <= cidr4Last(b) && b.base <= cidr4Last(a));
        expect(cidr4Equal(a, b)).toBe(cidr4Contains(a, b) && cidr4Contains(b, a));
      }),
    );
  });
});

describe("splitting", () => {
  test("cuts a /26 into four /28 in order", () => {
    expect(splitCidr4(cidr4("10.0.0.64/26"), 28).map(formatCidr4)).toEqual([
      "10.0.0.64/28",
      "10.0.0.80/28",
      "10.0.0.96/28",
      "10.0.0.112/28",
    ]);
  });

  test("gives nothing for a shorter length or one past 32, and itself for its own", () => {
    expect(splitCidr4(cidr4("10.0.0.0/24"), 23)).toEqual([]);
    expect(splitCidr4(cidr4("10.0.0.0/24"), 33)).toEqual([]);
    expect(splitCidr4(cidr4("10.0.0.0/24"), 24)).toEqual([cidr4("10.0.0.0/24")]);
  });

  test("pieces follow each other without a hole and fill the range", () => {
    fc.assert(
      fc.property(arbCidr4, fc.nat(8), (range, deeper) => {
        fc.pre(range.length + deeper <= 32);
        const pieces = splitCidr4(range, range.length + deeper);
        let next: number = range.base;
        for (const piece of pieces) {
          expect(piece.base).toBe(next);
          next += cidr4Size(piece);
        }
        expect(next).toBe(cidr4Last(range) + 1);
      }),
    );
  });
});
