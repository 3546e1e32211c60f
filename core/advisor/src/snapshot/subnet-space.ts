import { cidr4Of, cidr4Size, countFreeCidrs4, type Cidr4 } from "@slash28/address";
import { RESERVED_BY_AWS, reservedByAws } from "@slash28/vpc";
import type { SeenSubnet } from "./aws-objects.ts";
import type { ClusterView } from "./cluster-view.ts";

/** The length of the prefixes that EC2 delegates. */
const PREFIX_LENGTH = 28;

/** The address space of one subnet. */
export interface SubnetSpace {
  readonly subnet: SeenSubnet;
  /** Addresses that EC2 gives out. */
  readonly usable: number;
  readonly free: number;
  /** Share of `usable` that is free. */
  readonly freeShare: number;
  /**
   * Whole free /28s, counted from the ENIs of the snapshot: an upper bound, since holders that the snapshot does not show only take from it. Absent: the
   * snapshot has no ENIs.
   */
  readonly freePrefixes?: number;
  /** Addresses in use that no ENI of the snapshot accounts for. */
  readonly unseen?: number;
}

export function spaceOf(view: ClusterView, subnet: SeenSubnet): SubnetSpace {
  const usable = cidr4Size(subnet.cidr) - RESERVED_BY_AWS;
  const base = { subnet, usable, free: subnet.free, freeShare: subnet.free / usable };
  const held = heldIn(view, subnet);
  if (held === undefined) return base;
  // What is reserved for named addresses is for no prefix; what is reserved for prefixes is.
  const explicit = (view.snapshot.reservations ?? []).flatMap(({ subnetId, kind, cidr }) =>
    subnetId === subnet.id && kind === "explicit" ? [cidr] : [],
  );
  const freePrefixes = countFreeCidrs4(subnet.cidr, [...held, ...explicit, ...reservedByAws(subnet.cidr)], PREFIX_LENGTH);
  const seen = held.reduce((sum, range) => sum + cidr4Size(range), 0);
  return { ...base, freePrefixes, unseen: Math.max(0, usable - subnet.free - seen) };
}

/** Everything that ENIs have of a subnet. */
function heldIn(view: ClusterView, { id }: SeenSubnet): readonly Cidr4[] | undefined {
  return view.snapshot.enis
    ?.filter(({ subnetId }) => subnetId === id)
    .flatMap(({ primaryAddress, addresses, prefixes }) => [
      ...[primaryAddress, ...addresses].map((address) => cidr4Of(address, 32)),
      ...prefixes,
    ]);
}
