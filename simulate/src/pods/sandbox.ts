import type { Ipv4 } from "@slash28/address";
import { hostLinkName, type SandboxKey } from "@slash28/ipam";

/** One sandbox of a pod as the container runtime knows it. */
export interface Sandbox {
  /** For people: `pod-3/c17`. */
  readonly name: string;
  readonly pod: string;
  readonly key: SandboxKey;
  readonly netns: string;
  readonly hostLink: string;
  phase: "adding" | "running" | "deleting" | "gone";
  /** What its ADD was answered with. */
  address: Ipv4 | undefined;
  hasNamespace: boolean;
  /** A newer sandbox of the pod took its link, or its namespace went away. */
  isReplaced: boolean;
  /** Somebody took its address at EC2; in which life of the agent. */
  robbedInLife: number | undefined;
  /** The runtime forgot it: no DEL comes, only GC tells. */
  isForgotten: boolean;
}

export const NETWORK = "aws-cni";
export const LINK = "eth0";
export const NAMESPACE = "default";

export function newSandbox(pod: string, container: string): Sandbox {
  return {
    name: `${pod}/${container}`,
    pod,
    key: { networkName: NETWORK, containerId: container, ifName: LINK },
    netns: `/run/netns/${container}`,
    hostLink: hostLinkName("eni", { namespace: NAMESPACE, name: pod }),
    phase: "adding",
    address: undefined,
    hasNamespace: true,
    isReplaced: false,
    robbedInLife: undefined,
    isForgotten: false,
  };
}
