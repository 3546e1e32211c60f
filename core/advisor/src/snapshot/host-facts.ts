import type { PoolSnapshot } from "@slash28/ipam";

/** What was read on a node, or from its agent. */
export interface SeenFirewall {
  /** The node, or the document it was read from. */
  readonly source: string;
  /** What happens to forwarded packets that no rule decides. */
  readonly forwardPolicy: "accept" | "drop";
}

/** A node's pool as its agent told it at `/v1/enis`. */
export interface SeenPool {
  readonly source: string;
  readonly pool: PoolSnapshot;
}

export type LogSign =
  | "InsufficientFreeAddressesInSubnet"
  | "InsufficientCidrBlocks"
  | "NetworkInterfaceLimitExceeded"
  | "UnauthorizedOperation"
  | "RequestLimitExceeded"
  | "metadata-unreachable"
  | "instance-full";

/** How often an agent's log says something that counts, and how it says it. */
export interface SeenLogSign {
  readonly source: string;
  readonly sign: LogSign;
  readonly lines: number;
  /** The last of them. */
  readonly example: string;
}
