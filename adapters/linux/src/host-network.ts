import type { HostNetwork } from "@slash28/ports";

export interface HostNetworkOptions {
  /** Path of the namespace that is the host; absent: the one this process runs in. */
  readonly namespace?: string;
  /** How long deleted pods' host links may gather before one batch removes them, in milliseconds; 0 removes each at once. */
  readonly linkDeleteDelayMs?: number;
}

/** The host network over netlink. */
export interface LinuxHostNetwork extends HostNetwork {
  /** Removes what is still to be removed and closes the sockets. */
  close(): void;
}

export declare function createHostNetwork(options?: HostNetworkOptions): LinuxHostNetwork;
