import type { Netlink } from "@slash28/linux";
import { Fault } from "@slash28/ports";
import type { Topology } from "./topology.ts";

/** Whether this kernel has VLANs (its module 8021q): tries one on a link. */
export function canMakeVlans(netlink: Netlink, parent: string): boolean {
  const probe = "vlan-probe";
  try {
    netlink.addLink({ type: "vlan", name: probe, parent, vlanId: 1 });
  } catch (cause) {
    if (cause instanceof Fault && cause.code === "KERNEL_REFUSED") return false;
    throw cause;
  }
  netlink.deleteLink(probe);
  return true;
}

/** What a kernel without VLANs can carry. */
export function withoutBranches(topology: Topology): Topology {
  const instances = topology.instances.map(({ id, enis }) => ({ id, enis: enis.filter(({ vlan }) => vlan === undefined) }));
  return { ...topology, instances };
}
