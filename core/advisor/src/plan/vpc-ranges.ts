import { cidr4, cidr4Overlaps, splitCidr4, subtractCidrs4, type Cidr4 } from "@slash28/address";
import { furtherBlockFault } from "@slash28/vpc";

/** A VPC has five ranges at most, unless the quota is raised. */
export const VPC_CIDRS_MAX = 5;
const LONGEST = 28;
const WIDEST = 16;

/** Where a VPC without a range of its own is put, in this order. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(cidr4);
/** Carrier-grade NAT space (RFC 6598): EC2 lets it stand beside any other range, and nobody routes it. */
const SHARED = cidr4("100.64.0.0/10");
/** What EKS itself would take for services. */
const SERVICES = ["172.20.0.0/16", "10.100.0.0/16", "192.168.0.0/17", "10.200.0.0/16", "172.30.0.0/16"].map(cidr4);

/**
 * The ranges a VPC may have of those it is offered: no larger than a /16, apart from other networks, the largest first, and none that EC2 does not let
 * stand beside those before it. `present`: what the VPC has already.
 */
export function vpcRanges(offered: readonly Cidr4[], avoid: readonly Cidr4[], present: readonly Cidr4[] = []): readonly Cidr4[] {
  const free = subtractCidrs4(offered, [...avoid, ...present])
    .filter(({ length }) => length <= LONGEST)
    .flatMap((range) => (range.length < WIDEST ? splitCidr4(range, WIDEST).slice(0, VPC_CIDRS_MAX) : [range]))
    .toSorted((a, b) => a.length - b.length || a.base - b.base);
  const taken: Cidr4[] = [];
  for (const range of free) {
    if (present.length + taken.length < VPC_CIDRS_MAX && furtherBlockFault([...present, ...taken], range) === undefined) taken.push(range);
  }
  return taken;
}

/** A /16 for a VPC that is offered nothing; `undefined` when other networks are everywhere. */
export function defaultVpcRange(avoid: readonly Cidr4[]): Cidr4 | undefined {
  return firstApart(
    PRIVATE.flatMap((range) => splitCidr4(range, WIDEST)),
    avoid,
  );
}

/** Free /16 of carrier-grade NAT space, as many as asked for or as there are. */
export function sharedRanges(count: number, avoid: readonly Cidr4[]): readonly Cidr4[] {
  return splitCidr4(SHARED, WIDEST)
    .filter((range) => !avoid.some((other) => cidr4Overlaps(other, range)))
    .slice(0, count);
}

/**
 * A range for services, in the ranges that EKS takes one of: apart from the VPC and, where that can be had, from other networks. Pods cannot reach what of
 * another network it hides.
 */
export function serviceRange(vpc: readonly Cidr4[], avoid: readonly Cidr4[]): { readonly range: Cidr4; readonly hides: readonly Cidr4[] } {
  const candidates = [...SERVICES, ...PRIVATE.flatMap((range) => splitCidr4(range, 20))];
  const apart = firstApart(candidates, [...vpc, ...avoid]) ?? firstApart(candidates, vpc);
  if (apart === undefined) throw new RangeError("a VPC's five ranges cannot fill RFC 1918");
  return { range: apart, hides: avoid.filter((other) => cidr4Overlaps(other, apart)) };
}

function firstApart(candidates: readonly Cidr4[], taken: readonly Cidr4[]): Cidr4 | undefined {
  return candidates.find((range) => !taken.some((other) => cidr4Overlaps(other, range)));
}
