import { cidr6Contains, cidr6Of, cidr6Overlaps, type Cidr6 } from "./cidr6.ts";
import { offsetIpv6 } from "./ipv6.ts";
import { aggregate, firstFree, subtract, type RangeTree } from "./range-set.ts";

const BITS = 128;

/** For sorting: by first address, the larger range first. */
export function compareCidr6(a: Cidr6, b: Cidr6): number {
  if (a.base === b.base) return a.length - b.length;
  return a.base < b.base ? -1 : 1;
}

const tree: RangeTree<Cidr6> = {
  compare: compareCidr6,
  contains: cidr6Contains,
  overlaps: cidr6Overlaps,
  parent: (range) => cidr6Of(range.base, range.length - 1),
  halves({ base, length }) {
    return [
      { base, length: length + 1 },
      { base: offsetIpv6(base, 1n << BigInt(BITS - length - 1)), length: length + 1 },
    ];
  },
  firstPiece: ({ base }, length) => ({ base, length }),
};

/** The fewest ranges that hold exactly the same addresses, lowest first. */
export function aggregateCidrs6(ranges: readonly Cidr6[]): Cidr6[] {
  return aggregate(tree, ranges);
}

/** The fewest ranges that hold the addresses of `from` that are in none of `less`, lowest first: what is free, given what is used. */
export function subtractCidrs6(from: readonly Cidr6[], less: readonly Cidr6[]): Cidr6[] {
  return subtract(tree, from, less);
}

/** The lowest aligned range of this prefix length inside `outer` that touches none of `used`; `undefined` when there is none. */
export function firstFreeCidr6(outer: Cidr6, used: readonly Cidr6[], length: number): Cidr6 | undefined {
  return length > BITS ? undefined : firstFree(tree, outer, used, length);
}
