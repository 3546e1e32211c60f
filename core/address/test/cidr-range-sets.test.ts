import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  aggregateCidrRanges,
  cidr4,
  cidr4Of,
  cidr6,
  cidr6Of,
  cidrRangeContains,
  cidrRangeLast,
  cidrRangeSize,
  cidrRangesOverlap,
  countCidrRangePieces,
  formatAddress,
  formatCidrRange,
  isCidr4,
  splitCidrRange,
  subtractCidrRanges,
  type CidrRange,
} from "../src/index.ts";
import { arbCidr4, arbCidr6 } from "./arbitraries.ts";

const arbRange: fc.Arbitrary<CidrRange> = fc.oneof(arbCidr4, arbCidr6);
const parentOf = (range: CidrRange) => (isCidr4(range) ? cidr4Of(range.base, range.length - 1) : cidr6Of(range.base, range.length - 1));
const sizeOf = (ranges: readonly CidrRange[]) => ranges.reduce((sum, range) => sum + cidrRangeSize(range), 0n);

describe("ranges of both families", () => {
  test("aggregate and subtract keep the families apart", () => {
    const ranges = [cidr6("2600::/65"), cidr4("10.0.1.0/24"), cidr6("2600:0:0:0:8000::/65"), cidr4("10.0.0.0/24")];
    expect(aggregateCidrRanges(ranges).map(formatCidrRange)).toEqual(["10.0.0.0/23", "2600::/64"]);
    expect(subtractCidrRanges(ranges, [cidr4("10.0.0.0/23")]).map(formatCidrRange)).toEqual(["2600::/64"]);
    expect(formatAddress(cidrRangeLast(cidr6("2600::/64")))).toBe("2600::ffff:ffff:ffff:ffff");
    expect(cidrRangesOverlap(cidr4("0.0.0.0/0"), cidr6("::/0"))).toBe(false);
  });

  property.prop([arbRange, fc.nat(8)])("split covers a range exactly, in order, without overlap", (range, bits) => {
    const length = range.length + bits;
    const pieces = [...splitCidrRange(range, length)];
    expect(BigInt(pieces.length)).toBe(countCidrRangePieces(range, length));
    if (pieces.length === 0) return;
    expect(sizeOf(pieces)).toBe(cidrRangeSize(range));
    expect(pieces.every((piece) => piece.length === length && cidrRangeContains(range, piece))).toBe(true);
    expect(pieces.slice(1).every((piece, at) => BigInt(piece.base) === BigInt(pieces[at]!.base) + cidrRangeSize(pieces[at]!))).toBe(true);
    expect(aggregateCidrRanges(pieces)).toEqual([range]);
  });

  property.prop([fc.array(arbRange, { maxLength: 8 })])(
    "aggregate is equal, and minimal: the parent of each range holds more than was asked for",
    (ranges) => {
      const result = aggregateCidrRanges(ranges);
      expect(subtractCidrRanges(ranges, result)).toEqual([]);
      expect(subtractCidrRanges(result, ranges)).toEqual([]);
      for (const range of result) {
        expect(result.some((other) => other !== range && cidrRangesOverlap(range, other))).toBe(false);
        if (range.length > 0) expect(subtractCidrRanges([parentOf(range)], result)).not.toEqual([]);
      }
    },
  );

  property.prop([arbRange, arbRange])("overlap is nesting, either way round", (a, b) => {
    expect(cidrRangesOverlap(a, b)).toBe(cidrRangeContains(a, b) || cidrRangeContains(b, a));
    expect(cidrRangesOverlap(a, b)).toBe(cidrRangesOverlap(b, a));
  });
});
