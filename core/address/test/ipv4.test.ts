import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { formatIpv4, ipv4, ipv4FromBytes, ipv4FromNumber, ipv4ToBytes, offsetIpv4, parseIpv4 } from "../src/index.ts";
import { arbIpv4 } from "./arbitraries.ts";

describe("text", () => {
  test.each([
    ["0.0.0.0", 0],
    ["10.0.0.1", 0x0a00_0001],
    ["127.255.255.255", 0x7fff_ffff],
    ["128.0.0.0", 0x8000_0000],
    ["255.255.255.255", 0xffff_ffff],
  ])("%s is read and written", (text, value) => {
    expect(parseIpv4(text)).toBe(value);
    expect(formatIpv4(ipv4(text))).toBe(text);
  });

  test.each([
    "",
    ".",
    "10",
    "10.0.0",
    "10.0.0.",
    ".10.0.0.1",
    "10..0.1",
    "10.0.0.1.",
    "10.0.0.0.1",
    "10.0.0.256",
    "10.0.0.1000",
    "10.0.0.01",
    "00.0.0.0",
    "010.0.0.1",
    "0x0a.0.0.1",
    "167772161",
    "10.0.0.1/32",
    " 10.0.0.1",
    "10.0.0.1\n",
    "10.0.0.-1",
    "10.0.0.1e1",
    "10.0.0.١",
    "::ffff:10.0.0.1",
  ])("%j is refused", (text) => {
    expect(parseIpv4(text)).toBeUndefined();
    expect(() => ipv4(text)).toThrow("is not an IPv4 address");
  });

  test("agrees with ipaddr.js on what is an address", () => {
    const part = fc.oneof(fc.integer({ min: -1, max: 300 }).map(String), fc.constantFrom("", "00", "01", "1 ", "a"));
    fc.assert(
      fc.property(fc.array(part, { minLength: 3, maxLength: 5 }), (parts) => {
        const text = parts.join(".");
        expect(parseIpv4(text) !== undefined).toBe(ipaddr.IPv4.isValidFourPartDecimal(text));
      }),
    );
  });
});

describe("round trips", () => {
  test("text, with ipaddr.js reading the same bytes", () => {
    fc.assert(
      fc.property(arbIpv4, (address) => {
        expect(parseIpv4(formatIpv4(address))).toBe(address);
        expect(ipaddr.IPv4.parse(formatIpv4(address)).toByteArray()).toEqual([...ipv4ToBytes(address)]);
      }),
    );
  });

  test("bytes, from any offset", () => {
    fc.assert(
      fc.property(arbIpv4, fc.nat(5), (address, offset) => {
        expect(ipv4FromBytes(Uint8Array.from([...Array(offset).keys(), ...ipv4ToBytes(address), 255]), offset)).toBe(address);
      }),
    );
  });

  test("steps there and back, also across the ends", () => {
    fc.assert(
      fc.property(arbIpv4, fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), (address, steps) => {
        const there = offsetIpv4(address, steps);
        expect(there >= 0 && there <= 0xffff_ffff).toBe(true);
        expect(offsetIpv4(there, -steps)).toBe(address);
      }),
    );
    expect(formatIpv4(offsetIpv4(ipv4("255.255.255.255"), 1))).toBe("0.0.0.0");
    expect(formatIpv4(offsetIpv4(ipv4("0.0.0.0"), -1))).toBe("255.255.255.255");
  });
});

test("any number is taken by its low 32 bits", () => {
  expect(formatIpv4(ipv4FromNumber(-1))).toBe("255.255.255.255");
  expect(formatIpv4(ipv4FromNumber(2 ** 32 + 5))).toBe("0.0.0.5");
});
