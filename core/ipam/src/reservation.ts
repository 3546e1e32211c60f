import type { EniId, Ipv4 } from "@slash28/address";

/** Milliseconds since the Unix epoch. */
export type Millis = number;

/** Who holds an address: the CNI identity of one attachment of one sandbox (CNI spec, section 2: container id and CNI_IFNAME). */
export interface SandboxKey {
  /** Name of the network configuration, `aws-cni`. */
  readonly networkName: string;
  readonly containerId: string;
  /** CNI_IFNAME, `eth0`. */
  readonly ifName: string;
}

/** The pod a sandbox belongs to; absent for sandboxes taken over from stores that did not record it. */
export interface PodOwner {
  readonly namespace: string;
  readonly name: string;
}

/** One address in a sandbox's hands. */
export interface Reservation {
  readonly key: SandboxKey;
  readonly address: Ipv4;
  /** The ENI that owned the address when it was reserved. */
  readonly eni: EniId;
  readonly owner?: PodOwner;
  readonly reservedAt: Millis;
}

/** A reservation as a journal or a checkpoint knows it: upstream's does not say which ENI. */
export type BookedReservation = Omit<Reservation, "eni"> & { readonly eni?: EniId };

/** The key as one string: equal keys, equal text. */
export function keyText(key: SandboxKey): string {
  return `${key.networkName}\u0000${key.containerId}\u0000${key.ifName}`;
}

/** What a pod is known by while it asks again and again, each time from another sandbox. */
export function podText(key: SandboxKey, owner: PodOwner | undefined): string {
  return owner === undefined ? keyText(key) : `${owner.namespace}/${owner.name}`;
}
