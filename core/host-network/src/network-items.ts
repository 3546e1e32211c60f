import type { Cidr4, Ipv4, Mac } from "@slash28/address";

/** A link as it should be or is: only what this project sets. Links are told apart by name within a namespace. */
export interface LinkItem {
  readonly kind: "link";
  readonly name: string;
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly up: boolean;
}

/** An address on a link. Without `subnetRoute` the kernel adds no route to the subnet by itself (`noprefixroute`). */
export interface AddressItem {
  readonly kind: "address";
  readonly link: string;
  readonly address: Ipv4;
  readonly length: number;
  readonly subnetRoute: boolean;
}

/** A unicast route. `scope` is `link` for on-link destinations and `global` for those behind a gateway. */
export interface RouteItem {
  readonly kind: "route";
  readonly table: number;
  readonly destination: Cidr4;
  readonly gateway?: Ipv4;
  readonly link: string;
  readonly scope: "global" | "link";
  /** The source address the host itself uses on this route. */
  readonly source?: Ipv4;
}

/** A routing rule: which table a packet is looked up in. Lower priorities are asked first. */
export interface RuleItem {
  readonly kind: "rule";
  readonly priority: number;
  readonly table: number;
  readonly from?: Cidr4;
  readonly to?: Cidr4;
  readonly mark?: { readonly value: number; readonly mask: number };
  readonly inputLink?: string;
}

/** A permanent neighbour entry: the kernel never asks for this address by ARP. */
export interface NeighbourItem {
  readonly kind: "neighbour";
  readonly link: string;
  readonly address: Ipv4;
  readonly mac: Mac;
}

/** A kernel setting, by its path below `/proc/sys`: `net/ipv4/ip_forward`. */
export interface SysctlItem {
  readonly kind: "sysctl";
  readonly path: string;
  readonly value: string;
}

/** One nftables table as a whole: it is replaced atomically, never patched. */
export interface NftablesItem {
  readonly kind: "nftables";
  readonly family: "ip";
  readonly table: string;
  /** The table's block, exactly as `nft list table` prints it. */
  readonly text: string;
}

/** Anything a network namespace can be told to have. */
export type NetworkItem = LinkItem | AddressItem | RouteItem | RuleItem | NeighbourItem | SysctlItem | NftablesItem;

/** What one network namespace should have, or has. Order carries no meaning. */
export type NetworkState = readonly NetworkItem[];
