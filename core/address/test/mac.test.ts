import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cidr6,
  eui64,
  eui64Ipv6,
  formatIpv6,
  linkLocalIpv6,
  localMac,
  macFromBytes,
  macToBytes,
  parseMac,
  type Mac,
} from "../src/index.ts";
import { arbMac } from "./arbitraries.ts";

function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new TypeError(text);
  return parsed;
}

test.each([
  "",
  "02:1f:aa:bb:cc",
  "02:1f:aa:bb:cc:dd:ee",
  "02-1f-aa-bb-cc-dd",
  "2:1f:aa:bb:cc:dd",
  "02:1g:aa:bb:cc:dd",
  " 02:1f:aa:bb:cc:dd",
  "021faabbccdd",
])("%j is no MAC address", (text) => {
  expect(parseMac(text)).toBeUndefined();
});

test("either case is read, lower case is kept", () => {
  expect(parseMac("02:1F:AA:bb:CC:dd")).toBe("02:1f:aa:bb:cc:dd");
});

test("bytes there and back", () => {
  fc.assert(
    fc.property(arbMac, (address) => {
      expect(macFromBytes(macToBytes(address))).toBe(address);
      expect(parseMac(address.toUpperCase())).toBe(address);
    }),
  );
  expect(macFromBytes(Uint8Array.of(9, 2, 0, 0, 0, 0, 1), 1)).toBe("02:00:00:00:00:01");
});

test("a local MAC is unicast, locally administered, else as given, and leaves its bytes alone", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 8 }), (bytes) => {
      const before = [...bytes];
      const [first = 0, ...rest] = macToBytes(localMac(bytes));
      expect(first & 0b11).toBe(0b10);
      expect(first >> 2).toBe((bytes[0] ?? 0) >> 2);
      expect(rest).toEqual(before.slice(1, 6));
      expect([...bytes]).toEqual(before);
    }),
  );
});

describe("addresses made from a MAC", () => {
  test("RFC 4291 appendix A: the universal bit turns over, ff:fe goes in the middle", () => {
    expect(eui64(mac("34:56:78:9a:bc:de")).toString(16)).toBe("365678fffe9abcde");
    expect(formatIpv6(linkLocalIpv6(mac("34:56:78:9a:bc:de")))).toBe("fe80::3656:78ff:fe9a:bcde");
    expect(formatIpv6(linkLocalIpv6(mac("02:00:00:00:00:01")))).toBe("fe80::ff:fe00:1");
  });

  test("a /64 gets the identifier, a longer range has no room", () => {
    const made = eui64Ipv6(cidr6("2600:1f18:0:1200::/64"), mac("06:00:00:00:00:02"));
    expect(made === undefined ? undefined : formatIpv6(made)).toBe("2600:1f18:0:1200:400:ff:fe00:2");
    expect(eui64Ipv6(cidr6("2600:1f18:0:1200::/80"), mac("06:00:00:00:00:02"))).toBeUndefined();
  });

  test("two MACs never give one address", () => {
    fc.assert(
      fc.property(arbMac, arbMac, (a, b) => {
        expect(linkLocalIpv6(a) === linkLocalIpv6(b)).toBe(a === b);
      }),
    );
  });
});
