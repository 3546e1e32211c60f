import { fc, test as property } from "@fast-check/vitest";
import {
  addressAt,
  cidr4,
  cidr6,
  cidrRangeSize,
  formatAddress,
  offsetInRange,
  parseAddress,
  parseCidr,
  type CidrRange,
} from "@slash28/address";
import { describe, expect, test } from "vitest";
import { ClusterAddresses } from "../../../src/kubernetes/api-server/admission/cluster-addresses.ts";

/** By text: a range of IPv6 has no form in JSON, which a failing property is told in. */
const rangeOf = (text: string): CidrRange => parseCidr(text)?.range ?? cidr4("0.0.0.0/0");
const small = fc.constantFrom("10.0.0.0/28", "10.0.0.0/26", "fd00::/124", "fd00::/122").map(rangeOf);
const any = fc.constantFrom("10.100.0.0/16", "172.16.0.0/12", "10.1.2.0/24", "fd5f:1c53:8a00::/108", "fd5f:1c53:8a00::/64").map(rangeOf);

const offsetOf = (range: CidrRange, text: string | undefined): bigint => {
  const address = text === undefined ? undefined : parseAddress(text)?.address;
  const offset = address === undefined ? undefined : offsetInRange(range, address);
  if (offset === undefined) throw new Error(`${text} is not in the range`);
  return offset;
};

describe("free addresses", () => {
  test.each([
    ["10.100.0.0/16", "10.100.1.1"],
    ["10.1.2.0/24", "10.1.2.17"],
    ["fd5f:1c53:8a00::/108", "fd5f:1c53:8a00::101"],
  ])("of %s begin behind the part for named ones, at %s", (range, first) => {
    expect(new ClusterAddresses(rangeOf(range)).free()).toBe(first);
  });

  property.prop([any, fc.array(fc.nat(5_000), { maxLength: 60 }), fc.nat(40)])(
    "are in the range, not its own address, taken by nobody, and never the same twice while they are kept",
    (range, taken, count) => {
      const addresses = new ClusterAddresses(range);
      const seen = new Set(taken.map((offset) => formatAddress(addressAt(range, BigInt(offset) % cidrRangeSize(range)))));
      for (const address of seen) addresses.count(address, "add");
      for (let step = 0; step < count; step++) {
        const address = addresses.free() ?? "";
        expect(seen.has(address)).toBe(false);
        expect(addresses.refusalOf(address)).toBeUndefined();
        expect(offsetOf(range, address)).toBeGreaterThan(0n);
        seen.add(address);
        addresses.count(address, "add");
        expect(addresses.refusalOf(address)).toBe("provided IP is already allocated");
      }
    },
  );

  property.prop([small, fc.array(fc.nat(62), { maxLength: 30 })])(
    "are all there are: the range gives every address once, then none, and one that is given back again",
    (range, named) => {
      const addresses = new ClusterAddresses(range);
      const usable = Number(cidrRangeSize(range)) - (range.length > 32 ? 1 : 2);
      const seen = new Set<string>();
      const take = (text: string): void => {
        addresses.count(text, "add");
        seen.add(text);
      };
      for (const offset of named) take(formatAddress(addressAt(range, 1n + BigInt(offset % usable))));
      for (let address = addresses.free(); address !== undefined; address = addresses.free()) take(address);
      expect(seen.size).toBe(usable);
      const [back = ""] = seen;
      addresses.count(back, "delete");
      expect(addresses.free()).toBe(back);
    },
  );

  test("come from the part for named ones only when all others are taken", () => {
    const range = cidr6("fd00::/122");
    const addresses = new ClusterAddresses(range);
    const given: bigint[] = [];
    for (let address = addresses.free(); address !== undefined; address = addresses.free()) {
      addresses.count(address, "add");
      given.push(offsetOf(range, address));
    }
    expect(given.slice(0, 47).every((offset) => offset > 16n)).toBe(true);
    expect(given.slice(47).every((offset) => offset <= 16n)).toBe(true);
  });

  test("counting twice is counting once, and what is no address of the range counts nothing", () => {
    const addresses = new ClusterAddresses(cidr6("fd00::/124"));
    for (const text of ["None", "", "10.0.0.1", "fd01::1", "fd00::"]) addresses.count(text, "add");
    for (let step = 0; step < 40; step++) addresses.count("fd00:0:0::3", "add");
    const free = new Set<string>();
    for (let address = addresses.free(); address !== undefined; address = addresses.free()) {
      addresses.count(address, "add");
      free.add(address);
    }
    expect(free.size).toBe(14);
  });
});

property.prop([any, fc.bigInt({ min: 0n, max: 1n << 70n })])(
  "an address and its distance from the range's first are two names of one",
  (range, offset) => {
    const inside = offset % cidrRangeSize(range);
    expect(offsetInRange(range, addressAt(range, inside))).toBe(inside);
  },
);
