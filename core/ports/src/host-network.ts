import type { Ipv4, Mac } from "@slash28/address";
import type { HostWiring, PodWiring } from "@slash28/host-network";

/** A host veth found in the kernel, and the address routed to it. */
export interface ObservedPod {
  readonly hostLink: string;
  readonly address?: Ipv4;
}

/**
 * The kernel of one host. Calls are synchronous: each is a handful of netlink messages, far shorter than a timer tick, and a
 * namespace must not be left half-way. Every method raises a `Fault` and nothing else.
 */
export interface HostNetwork {
  /** Makes the host as described; returns what had to change, as sentences. Doing it twice changes nothing. */
  applyHost(wiring: HostWiring): readonly string[];
  /** Wires one pod; on failure undoes what it did, then raises. Wiring the same pod twice succeeds. Returns the pod link's MAC. */
  wirePod(wiring: PodWiring, netns: string): { readonly podMac: Mac };
  /** Takes one pod's wiring away; whatever is already gone is fine, the namespace too. */
  unwirePod(wiring: PodWiring, netns: string | undefined): void;
  /** What of the pod's wiring is missing or wrong, as sentences; empty when all is there. */
  checkPod(wiring: PodWiring, netns: string): readonly string[];
  /** Whether there is a network namespace at this path. */
  hasNamespace(netns: string): boolean;
  /** The pods the kernel has, by host links with this prefix. */
  observedPods(vethPrefix: string): readonly ObservedPod[];
  /** MAC addresses of the links present: an ENI may be attached before its link shows. */
  linkMacs(): readonly Mac[];
}
