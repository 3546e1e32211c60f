import { cidr6, formatCidr6, ipv6, parseMac, type Mac } from "@slash28/address";
import { describe, expect, test } from "vitest";
import {
  addIpv6Address,
  addIpv6Route,
  decodeIpv6Route,
  deleteIpv6Address,
  deleteIpv6Route,
  dumpIpv6Routes,
  putIpv6Neighbour,
  RTM,
} from "../src/index.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("IPv6 messages", () => {
  test.each(["::/0", "2001:db8::/56", "2001:db8:8000:0:1::/80", "2001:db8::7/128"])("a route to %s is read as it was written", (text) => {
    const route = { table: 254, destination: cidr6(text), gateway: ipv6("fe80::1"), link: 7 };
    const { payload } = addIpv6Route(route);
    expect(decodeIpv6Route(payload)).toEqual(route);
    expect(formatCidr6(decodeIpv6Route(payload)!.destination)).toBe(text);
    const { gateway: _gateway, ...direct } = route;
    expect(decodeIpv6Route(deleteIpv6Route(direct).payload)).toEqual(direct);
  });

  test("tables above 255 stand in their attribute", () => {
    const route = { table: 1_000, destination: cidr6("2001:db8::/64"), link: 2 };
    expect(decodeIpv6Route(addIpv6Route(route).payload)?.table).toBe(1_000);
  });

  test("an address is used without being asked for, a link-local one on its link alone", () => {
    // struct ifaddrmsg: family 10, length, IFA_F_NODAD, scope, index; then IFA_ADDRESS and IFA_FLAGS.
    const { payload } = addIpv6Address({ index: 3, address: ipv6("2001:db8::5"), length: 128 });
    expect(hex(payload)).toBe("0a800200030000001400010020010db80000000000000000000000050800080002020000");
    expect(hex(addIpv6Address({ index: 3, address: ipv6("fe80::1"), length: 64 }).payload).slice(0, 8)).toBe("0a4002fd");
  });

  test("an address is taken away by the message that put it there, under its own type", () => {
    const message = { index: 3, address: ipv6("2001:db8::5"), length: 128 };
    expect(deleteIpv6Address(message)).toMatchObject({ type: RTM.deleteAddress, payload: addIpv6Address(message).payload });
  });

  test("a neighbour entry is permanent and names the MAC", () => {
    const { payload } = putIpv6Neighbour(4, ipv6("fe80::9"), parseMac("02:00:00:00:00:09") as Mac);
    expect(hex(payload)).toBe("0a000000040000008000000014000100fe8000000000000000000000000000090a0002000200000000090000");
  });

  test("IPv4 routes and those that are not unicast are left out", () => {
    expect(decodeIpv6Route(dumpIpv6Routes().payload)).toBeUndefined();
    const { payload } = addIpv6Route({ table: 254, destination: cidr6("::/0"), link: 1 });
    const ipv4 = Uint8Array.from(payload);
    ipv4[0] = 2;
    expect(decodeIpv6Route(ipv4)).toBeUndefined();
  });
});
