import { cidr4, cidr6 } from "@slash28/address";
import { expect, test } from "vitest";
import { usableAddresses } from "../src/index.ts";

test.each([
  [cidr4("10.0.0.0/24"), 251n],
  [cidr4("10.0.0.0/28"), 11n],
  [cidr4("10.0.0.0/16"), 65_531n],
  [cidr4("10.0.0.0/29"), undefined],
  [cidr4("10.0.0.0/15"), undefined],
  [cidr6("2600::/64"), 18_446_744_073_709_551_611n],
  [cidr6("2600::/63"), undefined],
  [cidr6("2600::/40"), undefined],
])("a subnet of %o gives out %s addresses", (range, usable) => {
  expect(usableAddresses(range)).toBe(usable);
});
