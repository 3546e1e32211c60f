import { isIPv6 } from "node:net";
import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { formatIpv6, ipv6, ipv6FromBigint, ipv6FromBytes, ipv6ToBytes, offsetIpv6, parseIpv6 } from "../src/index.ts";
import { arbAlmostIpv6, arbIpv6 } from "./arbitraries.ts";

describe("text", () => {
  test.each([
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["2001:DB8::ABCD", "2001:db8::abcd"],
    ["2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["1:0:0:4:0:0:0:8", "1:0:0:4::8"],
    ["0:0:3::", "0:0:3::"],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["::FFFF:a00:1", "::ffff:10.0.0.1"],
    ["0:0:0:0:0:ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"],
    ["::1.2.3.4", "::102:304"],
    ["fd00:ec2::254", "fd00:ec2::254"],
    ["ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ])("%s is written %s", (text, canonical) => {
    expect(formatIpv6(ipv6(text))).toBe(canonical);
    expect(ipv6(canonical)).toBe(ipv6(text));
  });

  test.each([
    "",
    ":",
    ":::",
    "1",
    "1:",
    ":1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "1:2:3:4:5:6:7:8:",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4::5:6:7:8",
    "1::2::3",
    "1:::2",
    "::1:",
    "12345::",
    "g::",
    "::1%eth0",
    "[::1]",
    "::1/128",
    " ::1",
    "::1 ",
    "1.2.3.4",
    "::1.2.3",
    "::1.2.3.4.5",
    "::01.2.3.4",
    "::1.2.3.256",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4:5:1.2.3.4",
    "::a.2.3.4",
    "::-1",
    "::1\n",
    "0000:0000:0000:0000:0000:0000:255.255.255.2555",
  ])("%j is refused", (text) => {
    expect(parseIpv6(text)).toBeUndefined();
    expect(() => ipv6(text)).toThrow("is not an IPv6 address");
  });

  test("agrees with the system's parser on what is an address, and with ipaddr.js on which", () => {
    fc.assert(
      fc.property(arbAlmostIpv6, (text) => {
        const parsed = parseIpv6(text);
        expect(parsed !== undefined).toBe(isIPv6(text) && !text.includes("%"));
        // ipaddr.js takes `::1.2.3.4` for an IPv4-mapped address; RFC 4291 does not.
        if (parsed !== undefined && !/^::\d+\./.test(text)) expect([...ipv6ToBytes(parsed)]).toEqual(ipaddr.IPv6.parse(text).toByteArray());
      }),
      { numRuns: 2_000 },
    );
  });

  test("never throws on any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(":", ".", "1", "f", "%") })), (text) => void parseIpv6(text)),
    );
  });

  test("is written as ipaddr.js writes RFC 5952, but for IPv4-mapped addresses", () => {
    fc.assert(
      fc.property(arbIpv6, (address) => {
        fc.pre(address >> 32n !== 0xffffn);
        expect(formatIpv6(address)).toBe(new ipaddr.IPv6([...ipv6ToBytes(address)]).toRFC5952String());
      }),
    );
  });
});

describe("round trips", () => {
  test("text, short and in full", () => {
    fc.assert(
      fc.property(arbIpv6, (address) => {
        expect(parseIpv6(formatIpv6(address))).toBe(address);
        const digits = address.toString(16).padStart(32, "0");
        expect(parseIpv6(digits.replaceAll(/(?<=.)(?=(?:.{4})+$)/g, ":").toUpperCase())).toBe(address);
        expect(parseIpv6(new ipaddr.IPv6([...ipv6ToBytes(address)]).toNormalizedString())).toBe(address);
      }),
    );
  });

  test("bytes, from any offset; missing ones are zero", () => {
    fc.assert(
      fc.property(arbIpv6, fc.nat(5), (address, offset) => {
        expect(ipv6FromBytes(Uint8Array.from([...Array(offset).keys(), ...ipv6ToBytes(address), 255]), offset)).toBe(address);
      }),
    );
    expect(formatIpv6(ipv6FromBytes(Uint8Array.of(0x20, 0x01)))).toBe("2001::");
  });

  test("two results of one function do not share memory", () => {
    const first = ipv6ToBytes(ipv6("::1"));
    ipv6ToBytes(ipv6("::2"));
    expect(first[15]).toBe(1);
  });

  test("steps there and back, also across the ends", () => {
    fc.assert(
      fc.property(arbIpv6, fc.bigInt({ min: -(2n ** 129n), max: 2n ** 129n }), (address, steps) => {
        expect(offsetIpv6(offsetIpv6(address, steps), -steps)).toBe(address);
      }),
    );
    expect(formatIpv6(offsetIpv6(ipv6("::"), -1n))).toBe("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    expect(ipv6FromBigint(2n ** 128n)).toBe(0n);
  });
});
