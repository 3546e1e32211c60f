import type { Cidr6, Ipv6, Mac } from "@slash28/address";
import type { AddressItem, NeighbourItem, RouteItem, RuleItem } from "@slash28/host-network";

/** A link as the kernel tells of it. */
export interface FoundLink {
  readonly index: number;
  readonly name: string;
  /** `veth`, `bridge`, `vlan`, `dummy`; absent for hardware and the loopback link. */
  readonly type?: string;
  readonly mac?: Mac;
  readonly mtu: number;
  readonly up: boolean;
  /** Index of the bridge this link is a port of. */
  readonly master?: number;
  /** Index of the veth peer, or of a VLAN's parent. It counts in the peer's namespace. */
  readonly peer?: number;
  readonly group: number;
}

/** Properties given to a link at birth. */
export interface LinkProperties {
  readonly name: string;
  readonly mac?: Mac;
  /** Bytes. */
  readonly mtu?: number;
  readonly up?: boolean;
}

/** A link to make. A veth's peer is born directly in `peerNamespace` when that is given. */
export type NewLink =
  | (LinkProperties & { readonly type: "veth"; readonly peer: LinkProperties; readonly peerNamespace?: number | string })
  | (LinkProperties & { readonly type: "bridge" | "dummy" })
  | (LinkProperties & { readonly type: "vlan"; readonly parent: string; readonly vlanId: number });

/** What to change on a link; absent fields stay. */
export interface LinkChange {
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly up?: boolean;
  /** The bridge to become a port of; `null` leaves the bridge. */
  readonly master?: string | null;
  readonly rename?: string;
}

/** What {@link Netlink.put} and {@link Netlink.remove} take. */
export type PlacedItem = AddressItem | RouteItem | RuleItem | NeighbourItem;

/** A unicast IPv6 route. */
export interface Ipv6Route {
  readonly kind: "route";
  readonly table: number;
  readonly destination: Cidr6;
  readonly gateway?: Ipv6;
  readonly link: string;
}

export interface Ipv6Address {
  readonly kind: "address";
  readonly link: string;
  readonly address: Ipv6;
  readonly length: number;
}

/** What {@link Netlink.putIpv6} takes. An address is used at once and brings no route with it; a neighbour entry is permanent. */
export type Ipv6Item =
  | Ipv6Address
  | { readonly kind: "neighbour"; readonly link: string; readonly address: Ipv6; readonly mac: Mac }
  | Ipv6Route;

/**
 * The rtnetlink interface of one network namespace, in plain data. Calls are synchronous and raise `KERNEL_REFUSED` with the
 * errno's name and what was being done (`EINVAL adding route …`); nothing else.
 */
export interface Netlink {
  links(): readonly FoundLink[];
  /** `undefined` when there is no such link. */
  link(name: string): FoundLink | undefined;
  addLink(link: NewLink): void;
  setLink(name: string, change: LinkChange): void;
  /** Moves a link into another namespace, given as a path or an open descriptor; addresses and routes on it are lost. */
  moveLink(name: string, namespace: string | number, rename?: string): void;
  /** `false` when there was no such link. */
  deleteLink(name: string): boolean;
  /** Adds an item or puts it in the place of one with the same key; what is there already is fine. */
  put(item: PlacedItem): void;
  /** `false` when it was not there. */
  remove(item: PlacedItem): boolean;
  /** IPv4 addresses, of one link or of all. */
  addresses(link?: string): readonly AddressItem[];
  /** IPv4 unicast routes of every table but the kernel's own `local` one. */
  routes(table?: number): readonly RouteItem[];
  /** IPv4 rules that look up a table, the kernel's own three included. */
  rules(): readonly RuleItem[];
  /** Permanent IPv4 neighbour entries. */
  neighbours(): readonly NeighbourItem[];
  /** Adds an IPv6 item or puts it in the place of one with the same key. */
  putIpv6(item: Ipv6Item): void;
  /** `false` when it was not there. */
  removeIpv6Address(address: Ipv6Address): boolean;
  /** `false` when it was not there. */
  removeIpv6Route(route: Ipv6Route): boolean;
  /** IPv6 unicast routes of one table, the kernel's own of links included. */
  ipv6Routes(table: number): readonly Ipv6Route[];
  close(): void;
}
