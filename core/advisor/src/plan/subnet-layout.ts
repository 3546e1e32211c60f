import { cidr4Size, firstFreeCidr4, subtractCidrs4, type Cidr4 } from "@slash28/address";
import { usableAddresses } from "@slash28/vpc";
import type { SubnetRole } from "./plan-types.ts";

/** Subnets that are alike, one for each zone. */
export interface SubnetWish {
  readonly role: SubnetRole;
  readonly length: number;
  /** Whether it may be larger where there is room: what is not used now carries growth. */
  readonly canGrow: boolean;
}

export interface PlacedSubnet {
  readonly role: SubnetRole;
  readonly zone: string;
  readonly cidr: Cidr4;
}

const SHORTEST = 16;
const LONGEST = 28;
/** A node that is replaced keeps its ENIs for a while. */
const SPARE_SINGLES = 1.25;
/** Larger subnets than this carry more nodes than a cluster has; the rest of a range is better left for others. */
const GROWN_MAX = 18;

/** The longest prefix length of a subnet that gives out so many addresses; `undefined` when not even a /16 does. */
export function lengthFor(addresses: number): number | undefined {
  for (let length = LONGEST; length >= SHORTEST; length--) {
    const usable = usableAddresses({ base: 0 as Cidr4["base"], length });
    if (usable !== undefined && usable >= BigInt(Math.ceil(addresses))) return length;
  }
  return undefined;
}

/** Places the wished-for subnets in the ranges, one per zone each, and lets those grow that may; `undefined` when they do not fit. */
export function layOut(
  ranges: readonly Cidr4[],
  zones: readonly string[],
  wishes: readonly SubnetWish[],
): readonly PlacedSubnet[] | undefined {
  let best = place(ranges, zones, wishes);
  let grown = wishes;
  while (best !== undefined) {
    grown = grown.map((wish) => (wish.canGrow && wish.length > GROWN_MAX ? { ...wish, length: wish.length - 1 } : wish));
    if (grown.every((wish, at) => wish.length === wishes[at]?.length)) return best;
    const larger = place(ranges, zones, grown);
    if (larger === undefined || grown.every(({ canGrow, length }) => !canGrow || length <= GROWN_MAX)) return larger ?? best;
    best = larger;
  }
  return undefined;
}

/** The large ones first, each at the lowest place it fits: aligned blocks then leave no gaps. */
function place(ranges: readonly Cidr4[], zones: readonly string[], wishes: readonly SubnetWish[]): readonly PlacedSubnet[] | undefined {
  const placed: PlacedSubnet[] = [];
  for (const { role, length } of wishes.toSorted((a, b) => a.length - b.length)) {
    for (const zone of zones) {
      const taken = placed.map(({ cidr }) => cidr);
      const cidr = ranges.map((range) => firstFreeCidr4(range, taken, length)).find((found) => found !== undefined);
      if (cidr === undefined) return undefined;
      placed.push({ role, zone, cidr });
    }
  }
  return placed;
}

/** What the subnets leave of the ranges. */
export function leftOver(ranges: readonly Cidr4[], placed: readonly PlacedSubnet[]): readonly Cidr4[] {
  return subtractCidrs4(
    ranges,
    placed.map(({ cidr }) => cidr),
  );
}

/**
 * The part of a subnet to set aside for prefixes: all but a block at its start for single addresses. Without it single addresses end up everywhere, and no
 * /28 stays whole. Nothing but prefixes comes from a reservation, so the block holds the single addresses of a full subnet, too, at `singlesShare` of all.
 */
export function prefixReservations(cidr: Cidr4, singles: number, singlesShare: number): readonly Cidr4[] {
  const wanted = Math.max(singles * 2, Math.ceil(cidr4Size(cidr) * singlesShare * SPARE_SINGLES)) + 5;
  let length = LONGEST;
  while (length > cidr.length && 2 ** (32 - length) < wanted) length--;
  if (length <= cidr.length || cidr4Size(cidr) <= 32) return [];
  return subtractCidrs4([cidr], [{ base: cidr.base, length }]);
}
