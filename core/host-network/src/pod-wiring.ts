import type { Cidr4, Ipv4, Mac } from "@slash28/address";

/**
 * What the kernel must have so that one pod owns its address: a veth pair, the pod's side configured inside its namespace,
 * and the host's routes and rules towards it.
 */
export interface PodWiring {
  /** The pod's address; it is put on the pod's link as a /32. */
  readonly address: Ipv4;
  /** The link-local gateway the pod sends to; the host never owns it, a permanent neighbour entry answers for it. */
  readonly gateway: Ipv4;
  readonly hostLink: string;
  /** The link's name inside the pod, CNI_IFNAME. */
  readonly podLink: string;
  readonly mtu: number;
  readonly hostMac: Mac;
  /** Route table of the ENI that owns the address: 254 (main) for the primary ENI. */
  readonly table: number;
}

/** An ENI as the host sees it: the link with its MAC gets addresses, a route table, and a rule. */
export interface EniWiring {
  readonly mac: Mac;
  readonly isPrimary: boolean;
  readonly primaryAddress: Ipv4;
  readonly subnet: Cidr4;
  readonly table: number;
  readonly mtu: number;
}

/** What the whole host must have, apart from its pods. */
export interface HostWiring {
  readonly enis: readonly EniWiring[];
  readonly vpcCidrs: readonly Cidr4[];
  readonly snat: SnatSettings;
  /** Pods on the primary ENI may be addressed by node port through it. */
  readonly nodePorts: boolean;
  /** Bit that marks connections to be answered through the primary ENI; upstream's 0x80. */
  readonly connectionMark: number;
  readonly vethPrefix: string;
  readonly externalServiceCidrs: readonly Cidr4[];
  /** Whether the kernel looks for a packet's TCP socket before it routes the packet. */
  readonly tcpEarlyDemux: boolean;
}

export type SnatSettings =
  | { readonly mode: "external" }
  | { readonly mode: "node"; readonly excluded: readonly Cidr4[]; readonly port: "prng" | "hashrandom" | "none" };
