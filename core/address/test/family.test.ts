import { expect, test } from "vitest";
import { cidr4, cidr6, ipv4, ipv6, parseAddress, parseCidr } from "../src/index.ts";

test("an address tells its family", () => {
  expect(parseAddress("10.0.0.1")).toEqual({ family: 4, address: ipv4("10.0.0.1") });
  expect(parseAddress("fe80::1")).toEqual({ family: 6, address: ipv6("fe80::1") });
  expect(parseAddress("::ffff:10.0.0.1")).toEqual({ family: 6, address: ipv6("::ffff:10.0.0.1") });
});

test("a range tells its family", () => {
  expect(parseCidr("10.0.0.0/16")).toEqual({ family: 4, range: cidr4("10.0.0.0/16") });
  expect(parseCidr("2001:db8::/32")).toEqual({ family: 6, range: cidr6("2001:db8::/32") });
});

test.each(["", "10.0.0", "10.0.0.1:80", ":", "host", "10.0.0.0/33", "10.0.0.1/24", "::1/64", "::/129"])("%j is neither", (text) => {
  expect(parseCidr(text)).toBeUndefined();
  expect(parseAddress(text)).toBeUndefined();
});
