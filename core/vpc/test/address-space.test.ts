import { cidr4, formatCidr4, formatIpv4, ipv4, offsetIpv4 } from "@slash28/address";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressPicker } from "../src/addresses/address-picker.ts";
import { AddressSpace } from "../src/addresses/address-space.ts";

const lowest = { kind: "lowest" } as const;

describe("what a new subnet offers", () => {
  test.each([
    ["10.0.0.0/16", 65_531, 4_094],
    ["10.0.0.0/20", 4_091, 254],
    ["10.0.0.0/24", 251, 14],
    ["10.0.0.0/26", 59, 2],
    ["10.0.0.0/27", 27, 0],
    ["10.0.0.0/28", 11, 0],
  ])("%s has %i addresses and %i whole /28", (text, addresses, prefixes) => {
    const space = new AddressSpace(cidr4(text));
    expect(space.freeAddresses).toBe(addresses);
    expect(space.counts.freePrefixes).toBe(prefixes);
  });
});

test("picks start after the four reserved addresses, and the last one is never picked", () => {
  const space = new AddressSpace(cidr4("10.0.0.0/28"));
  const picker = new AddressPicker(space, lowest);
  const picked = Array.from({ length: 11 }, () => formatIpv4(picker.address() ?? ipv4("0.0.0.0")));
  expect(picked.at(0)).toBe("10.0.0.4");
  expect(picked.at(-1)).toBe("10.0.0.14");
  expect(picker.address()).toBeUndefined();
});

test("one address in each /28 leaves no prefix, however many addresses are free", () => {
  const space = new AddressSpace(cidr4("10.0.0.0/24"));
  for (let block = 1; block < 15; block++) space.take(ipv4(`10.0.0.${block * 16 + 7}`));
  expect(space.freeAddresses).toBe(237);
  expect(new AddressPicker(space, lowest).prefix()).toBeUndefined();
  space.release(ipv4("10.0.0.119"));
  expect(formatCidr4(new AddressPicker(space, lowest).prefix() ?? cidr4("0.0.0.0/0"))).toBe("10.0.0.112/28");
});

test("automatic single addresses stay out of a prefix reservation, prefixes come from it first", () => {
  const space = new AddressSpace(cidr4("10.0.0.0/24"));
  space.reserve(cidr4("10.0.0.128/25"), "prefix");
  expect(space.freeAddresses).toBe(124);
  const picker = new AddressPicker(space, lowest);
  expect(formatCidr4(picker.prefix() ?? cidr4("0.0.0.0/0"))).toBe("10.0.0.128/28");
  const singles = Array.from({ length: 130 }, () => picker.address()).filter((address) => address !== undefined);
  expect(singles).toHaveLength(124);
  expect(singles.every((address) => address < ipv4("10.0.0.128"))).toBe(true);
});

test("a prefix out of a reservation is not charged twice, and deleting the reservation gives the rest back", () => {
  const space = new AddressSpace(cidr4("10.0.0.0/24"));
  space.reserve(cidr4("10.0.0.128/26"), "prefix");
  expect(space.freeAddresses).toBe(251 - 64);
  space.takePrefix(cidr4("10.0.0.128/28"));
  expect(space.freeAddresses).toBe(251 - 64);
  space.unreserve(cidr4("10.0.0.128/26"), "prefix");
  expect(space.freeAddresses).toBe(251 - 16);
});

test("an explicit reservation keeps everything automatic out and does not lower the count", () => {
  const space = new AddressSpace(cidr4("10.0.0.0/26"));
  space.reserve(cidr4("10.0.0.0/27"), "explicit");
  expect(space.freeAddresses).toBe(59);
  const picker = new AddressPicker(space, lowest);
  expect(formatIpv4(picker.address() ?? ipv4("0.0.0.0"))).toBe("10.0.0.32");
  expect(picker.prefix()).toBeUndefined();
});

test("scattered picks repeat for a seed, differ between seeds, and reach every address", () => {
  const all = (seed: number) => {
    const picker = new AddressPicker(new AddressSpace(cidr4("10.0.0.0/25")), { kind: "scatter", seed });
    return Array.from({ length: 123 }, () => picker.address() ?? 0);
  };
  expect(all(1)).toEqual(all(1));
  expect(all(1)).not.toEqual(all(2));
  expect(new Set(all(1)).size).toBe(123);
});

test("taking twice is a bug and says so", () => {
  const space = new AddressSpace(cidr4("10.0.0.0/24"));
  space.take(ipv4("10.0.0.9"));
  expect(() => space.take(ipv4("10.0.0.9"))).toThrow("taken twice");
});

/** The same rules told naively, over every address. */
function recount(taken: ReadonlySet<number>, reserved: ReadonlyMap<number, "prefix" | "explicit">, size: number) {
  const offsets = Array.from({ length: size }, (_, i) => i);
  const isFree = (i: number) => !taken.has(i) && i >= 4 && i !== size - 1;
  const blocks = offsets
    .filter((i) => i % 16 === 0)
    .filter((start) => {
      const all = Array.from({ length: 16 }, (_, i) => start + i);
      const kinds = new Set(all.map((i) => reserved.get(i)));
      return all.every(isFree) && kinds.size === 1 && !kinds.has("explicit");
    });
  return { free: offsets.filter((i) => isFree(i) && reserved.get(i) !== "prefix").length, freePrefixes: blocks.length };
}

test("counts and picks agree with a naive recount, whatever is taken, released and reserved", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("toggle" as const), at: fc.nat({ max: 127 }) }),
    fc.record({ kind: fc.constant("toggle-prefix" as const), at: fc.nat({ max: 7 }) }),
    fc.record({
      kind: fc.constant("reserve" as const),
      at: fc.nat({ max: 127 }),
      length: fc.integer({ min: 26, max: 32 }),
      type: fc.constantFrom("prefix" as const, "explicit" as const),
    }),
    fc.record({ kind: fc.constant("unreserve" as const), at: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const space = new AddressSpace(cidr4("10.0.0.0/25"));
      const base = ipv4("10.0.0.0");
      const taken = new Set<number>();
      const prefixes = new Set<number>();
      const reserved = new Map<number, "prefix" | "explicit">();
      const reservations: { start: number; length: number; type: "prefix" | "explicit" }[] = [];
      for (const each of steps) {
        if (each.kind === "toggle") {
          const offset = 4 + (each.at % 123);
          if (prefixes.has(offset >>> 4)) continue;
          if (taken.delete(offset)) {
            space.release(offsetIpv4(base, offset));
          } else {
            taken.add(offset);
            space.take(offsetIpv4(base, offset));
          }
        } else if (each.kind === "toggle-prefix") {
          const all = Array.from({ length: 16 }, (_, i) => each.at * 16 + i);
          if (prefixes.delete(each.at)) {
            space.releasePrefix(space.prefixAt(each.at));
            for (const offset of all) taken.delete(offset);
          } else if (space.isWholeBlockFree(space.prefixAt(each.at))) {
            prefixes.add(each.at);
            space.takePrefix(space.prefixAt(each.at));
            for (const offset of all) taken.add(offset);
          }
        } else if (each.kind === "reserve") {
          const size = 2 ** (32 - each.length);
          const start = Math.floor(each.at / size) * size;
          const all = Array.from({ length: size }, (_, i) => start + i);
          if (all.some((offset) => reserved.has(offset))) continue;
          for (const offset of all) reserved.set(offset, each.type);
          reservations.push({ start, length: each.length, type: each.type });
          space.reserve({ base: offsetIpv4(base, start), length: each.length }, each.type);
        } else {
          const [gone] = reservations.splice(each.at % Math.max(1, reservations.length), 1);
          if (gone === undefined) continue;
          for (let i = 0; i < 2 ** (32 - gone.length); i++) reserved.delete(gone.start + i);
          space.unreserve({ base: offsetIpv4(base, gone.start), length: gone.length }, gone.type);
        }
        const { free, freePrefixes } = recount(taken, reserved, 128);
        expect(space.freeAddresses).toBe(free);
        expect(space.counts.freePrefixes).toBe(freePrefixes);
        const first = Array.from({ length: 128 }, (_, i) => i).find((i) => i >= 4 && i < 127 && !taken.has(i) && !reserved.has(i));
        expect(space.nextAddress(0)).toBe(first === undefined ? undefined : base + first);
      }
    }),
    { numRuns: 150 },
  );
});
