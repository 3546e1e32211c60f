import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aggregateCidrs4,
  aggregateCidrs6,
  cidr4,
  cidr4Of,
  cidr4Overlaps,
  cidr4Size,
  cidr6,
  cidr6Of,
  compareCidr4,
  compareCidr6,
  countFreeCidrs4,
  firstFreeCidr4,
  firstFreeCidr6,
  formatCidr4,
  formatCidr6,
  ipv4,
  ipv6,
  offsetIpv4,
  offsetIpv6,
  splitCidr4,
  subtractCidrs4,
  subtractCidrs6,
  type Cidr4,
} from "../src/index.ts";

const texts = (ranges: readonly Cidr4[]) => ranges.map(formatCidr4);

/** Ranges inside one /24, so that sets can be checked address by address. */
const WHOLE = cidr4("10.0.0.0/24");
const arbRange = fc.tuple(fc.nat(255), fc.integer({ min: 24, max: 32 })).map(([at, length]) => cidr4Of(offsetIpv4(WHOLE.base, at), length));
const arbRanges = fc.array(arbRange, { maxLength: 12 });

function addressesOf(ranges: readonly Cidr4[]): Set<number> {
  return new Set(ranges.flatMap((range) => Array.from({ length: cidr4Size(range) }, (_, at) => range.base + at)));
}

describe("aggregating", () => {
  test("merges neighbours, drops what is nested, sorts", () => {
    expect(texts(aggregateCidrs4(["10.0.0.192/26", "10.0.0.0/25", "10.0.0.128/26", "10.0.0.7/32", "10.0.2.0/24"].map(cidr4)))).toEqual([
      "10.0.0.0/24",
      "10.0.2.0/24",
    ]);
  });

  test("does not merge neighbours that are no two halves of one range", () => {
    expect(texts(aggregateCidrs4(["10.0.1.0/24", "10.0.2.0/24"].map(cidr4)))).toEqual(["10.0.1.0/24", "10.0.2.0/24"]);
  });

  test("two halves of everything are everything", () => {
    expect(texts(aggregateCidrs4(["128.0.0.0/1", "0.0.0.0/1"].map(cidr4)))).toEqual(["0.0.0.0/0"]);
    expect(aggregateCidrs6(["8000::/1", "::/1"].map(cidr6)).map(formatCidr6)).toEqual(["::/0"]);
  });

  test("keeps the addresses, and no smaller set would do", () => {
    fc.assert(
      fc.property(arbRanges, (ranges) => {
        const result = aggregateCidrs4(ranges);
        const wanted = addressesOf(ranges);
        expect(addressesOf(result)).toEqual(wanted);
        // Minimal: each range is as large as the addresses allow, for its parent holds one that is not wanted.
        for (const range of result) {
          if (range.length > WHOLE.length)
            expect([...addressesOf([cidr4Of(range.base, range.length - 1)])].every((address) => wanted.has(address))).toBe(false);
        }
        expect(texts(result.toSorted(compareCidr4))).toEqual(texts(result));
        expect(aggregateCidrs4(result)).toEqual(result);
      }),
    );
  });
});

describe("subtracting", () => {
  test("what a VPC has left beside its subnets", () => {
    const free = subtractCidrs4([cidr4("10.0.0.0/16")], ["10.0.0.0/20", "10.0.16.0/20", "10.0.128.0/17"].map(cidr4));
    expect(texts(free)).toEqual(["10.0.32.0/19", "10.0.64.0/18"]);
  });

  test("nothing from nothing, and nothing when all is used", () => {
    expect(subtractCidrs4([], [WHOLE])).toEqual([]);
    expect(subtractCidrs4([WHOLE], [cidr4("10.0.0.0/8")])).toEqual([]);
    expect(subtractCidrs4([WHOLE], [])).toEqual([WHOLE]);
  });

  test("leaves exactly the addresses that are not used, in the fewest ranges", () => {
    fc.assert(
      fc.property(arbRanges, arbRanges, (from, less) => {
        const result = subtractCidrs4(from, less);
        const used = addressesOf(less);
        expect(addressesOf(result)).toEqual(new Set([...addressesOf(from)].filter((address) => !used.has(address))));
        expect(aggregateCidrs4(result)).toEqual(result);
      }),
    );
  });
});

describe("the first free range", () => {
  test.each([
    [[], 28, "10.0.0.0/28"],
    [["10.0.0.0/32"], 28, "10.0.0.16/28"],
    [["10.0.0.0/32"], 32, "10.0.0.1/32"],
    [["10.0.0.0/25", "10.0.0.192/26"], 26, "10.0.0.128/26"],
    [["10.0.0.0/25", "10.0.0.192/26"], 25, undefined],
    [["10.0.0.8/29", "10.0.0.128/32"], 25, undefined],
    [[], 24, "10.0.0.0/24"],
    [[], 23, undefined],
    [[], 33, undefined],
  ])("beside %j, of length %i, is %s", (used, length, found) => {
    const free = firstFreeCidr4(WHOLE, used.map(cidr4), length);
    expect(free === undefined ? undefined : formatCidr4(free)).toBe(found);
  });

  test("is what a look at every piece finds, and as many as are counted", () => {
    fc.assert(
      fc.property(arbRanges, fc.integer({ min: 24, max: 32 }), (used, length) => {
        const free = splitCidr4(WHOLE, length).filter((piece) => used.every((taken) => !cidr4Overlaps(piece, taken)));
        expect(firstFreeCidr4(WHOLE, used, length)).toEqual(free[0]);
        expect(countFreeCidrs4(WHOLE, used, length)).toBe(free.length);
      }),
    );
  });

  test("counting past a single address gives none", () => {
    expect(countFreeCidrs4(WHOLE, [], 33)).toBe(0);
  });

  test("a scattered subnet has addresses and no prefix", () => {
    const used = splitCidr4(WHOLE, 28).map((piece) => cidr4Of(offsetIpv4(piece.base, 7), 32));
    expect(countFreeCidrs4(WHOLE, used, 32)).toBe(240);
    expect(countFreeCidrs4(WHOLE, used, 28)).toBe(0);
  });
});

describe("IPv6 sets are the same tree", () => {
  const arb6 = fc.tuple(fc.nat(255), fc.integer({ min: 120, max: 128 })).map(([at, length]) => ({
    six: cidr6Of(offsetIpv6(ipv6("2001:db8::"), BigInt(at)), length),
    four: cidr4Of(offsetIpv4(ipv4("10.0.0.0"), at), length - 96),
  }));
  const asFour = (ranges: readonly { readonly base: bigint; readonly length: number }[]) =>
    ranges.map((range) => formatCidr4(cidr4Of(offsetIpv4(WHOLE.base, Number(range.base - ipv6("2001:db8::"))), range.length - 96)));

  test("as IPv4's, range for range", () => {
    fc.assert(
      fc.property(
        fc.array(arb6, { maxLength: 10 }),
        fc.array(arb6, { maxLength: 10 }),
        fc.integer({ min: 120, max: 128 }),
        (from, less, length) => {
          const [from6, less6, from4, less4] = [
            from.map((r) => r.six),
            less.map((r) => r.six),
            from.map((r) => r.four),
            less.map((r) => r.four),
          ];
          expect(asFour(aggregateCidrs6(from6))).toEqual(texts(aggregateCidrs4(from4)));
          expect(asFour(subtractCidrs6(from6, less6))).toEqual(texts(subtractCidrs4(from4, less4)));
          expect(asFour(from6.toSorted(compareCidr6))).toEqual(texts(from4.toSorted(compareCidr4)));
          const [six, four] = [firstFreeCidr6(cidr6("2001:db8::/120"), less6, length), firstFreeCidr4(WHOLE, less4, length - 96)];
          expect(six === undefined ? [] : asFour([six])).toEqual(four === undefined ? [] : texts([four]));
        },
      ),
    );
  });

  test("the next free /64 of a VPC's /56", () => {
    const used = ["2600:1f18:0:1200::/64", "2600:1f18:0:1201::/64"].map(cidr6);
    const free = firstFreeCidr6(cidr6("2600:1f18:0:1200::/56"), used, 64);
    expect(free === undefined ? undefined : formatCidr6(free)).toBe("2600:1f18:0:1202::/64");
    expect(firstFreeCidr6(cidr6("2600:1f18:0:1200::/56"), used, 129)).toBeUndefined();
  });
});
