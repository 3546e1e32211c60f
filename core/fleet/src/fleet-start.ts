import type { Cidr4, Ipv4 } from "@slash28/address";

/** A fleet as it was observed: the run goes on from there. */
export interface FleetStart {
  readonly nodes: readonly StartNode[];
  /** Addresses and prefixes of the subnets that none of the nodes has. */
  readonly others: readonly StartHolding[];
  /** Pods that have no node. */
  readonly pendingPods: number;
}

export interface StartNode {
  /** Told in results. */
  readonly name: string;
  /** The name of its node group. */
  readonly group: string;
  readonly zone: string;
  /** Where it differs from its group's. */
  readonly instanceType?: string;
  readonly maxPods?: number;
  /** The primary one (device index 0) among them. */
  readonly enis: readonly StartEni[];
  /** Addresses of its pods, each on one of its ENIs. */
  readonly pods: readonly Ipv4[];
  /** How many of `pods` are of DaemonSets: they go with the node. */
  readonly daemonPods: number;
  /** Pods placed on it that have no address. */
  readonly waitingPods: number;
  /** ENIs of the instance that are not the agent's: somebody else's, or a trunk's. */
  readonly reservedEnis: number;
  readonly isCordoned: boolean;
}

export interface StartEni {
  /** The name of its subnet. */
  readonly subnet: string;
  readonly deviceIndex: number;
  readonly primaryAddress: Ipv4;
  /** Secondary ones. */
  readonly addresses: readonly Ipv4[];
  readonly prefixes: readonly Cidr4[];
}

export interface StartHolding {
  /** The name of the subnet. */
  readonly subnet: string;
  readonly addresses: readonly Ipv4[];
  readonly prefixes: readonly Cidr4[];
}
