import { cidr4Contains, cidr4Of, cidr4Overlaps, type Cidr4 } from "./cidr4.ts";
import { offsetIpv4 } from "./ipv4.ts";
import { aggregate, firstFree, subtract, type RangeTree } from "./range-set.ts";

const BITS = 32;

/** For sorting: by first address, the larger range first. */
export function compareCidr4(a: Cidr4, b: Cidr4): number {
  return a.base - b.base || a.length - b.length;
}

const tree: RangeTree<Cidr4> = {
  compare: compareCidr4,
  contains: cidr4Contains,
  overlaps: cidr4Overlaps,
  parent: (range) => cidr4Of(range.base, range.length - 1),
  halves({ base, length }) {
    return [
      { base, length: length + 1 },
      { base: offsetIpv4(base, 2 ** (BITS - length - 1)), length: length + 1 },
    ];
  },
  firstPiece: ({ base }, length) => ({ base, length }),
};

/** The fewest ranges that hold exactly the same addresses, lowest first. */
export function aggregateCidrs4(ranges: readonly Cidr4[]): Cidr4[] {
  return aggregate(tree, ranges);
}

/** The fewest ranges that hold the addresses of `from` that are in none of `less`, lowest first: what is free, given what is used. */
export function subtractCidrs4(from: readonly Cidr4[], less: readonly Cidr4[]): Cidr4[] {
  return subtract(tree, from, less);
}

/** The lowest aligned range of this prefix length inside `outer` that touches none of `used`; `undefined` when there is none. */
export function firstFreeCidr4(outer: Cidr4, used: readonly Cidr4[], length: number): Cidr4 | undefined {
  return length > BITS ? undefined : firstFree(tree, outer, used, length);
}

/** How many aligned ranges of this prefix length fit into what `used` leaves of `outer`; with 28, the prefixes EC2 could still delegate. */
export function countFreeCidrs4(outer: Cidr4, used: readonly Cidr4[], length: number): number {
  if (length > BITS) return 0;
  const free = subtractCidrs4([outer], used).filter((range) => range.length <= length);
  return free.reduce((sum, range) => sum + 2 ** (length - range.length), 0);
}
