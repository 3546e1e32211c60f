import { createHash } from "node:crypto";
import { ipv4, localMac, type Ipv4 } from "@slash28/address";
import type { PodWiring } from "@slash28/host-network";
import { hostLinkName, type PodOwner, type SandboxKey } from "@slash28/ipam";

/** The link-local gateway of every pod; a permanent neighbour entry answers for it. */
const GATEWAY = ipv4("169.254.1.1");
/** The link that Kubernetes pods have; further ones are named after themselves. */
const FIRST_LINK = "eth0";

/** One sandbox's wiring. Equal input, equal wiring: so CHECK, DEL and a repeated ADD mean the same links. */
export function podWiringOf(
  { key, hostLink, address }: { readonly key: SandboxKey; readonly hostLink: string; readonly address: Ipv4 },
  table: number,
  mtu: number,
): PodWiring {
  return {
    address,
    gateway: GATEWAY,
    hostLink,
    podLink: key.ifName,
    mtu,
    hostMac: localMac(createHash("sha1").update(`${key.containerId}/${key.ifName}`).digest()),
    table,
  };
}

/**
 * The host link's name. A pod's first link is named as the VPC CNI names it, so tools that look for a pod's link find it; further links
 * add their own name, and a sandbox without a pod is named after its container.
 */
export function hostLinkOf(key: SandboxKey, owner: PodOwner | undefined, vethPrefix: string): string {
  const whose = owner ?? { namespace: "", name: key.containerId };
  return hostLinkName(vethPrefix, key.ifName === FIRST_LINK ? whose : { ...whose, name: `${whose.name}.${key.ifName}` });
}
