import { cidr4Of, type Cidr4, type Ipv4 } from "@slash28/address";
import type { NetworkItem, NetworkState, SysctlItem } from "./network-items.ts";
import type { PodWiring } from "./pod-wiring.ts";
import { MAIN_TABLE, PRIORITY } from "./priorities.ts";

const EVERYWHERE = cidr4Of(0 as Ipv4, 0);

/** What one pod's address needs, on both sides of its veth pair. Within each side the order is one the kernel accepts. */
export interface PodState {
  readonly host: NetworkState;
  readonly pod: NetworkState;
}

/** The state that makes a pod own its address (Amazon VPC CNI, pod set-up for IPv4). */
export function podState(wiring: PodWiring): PodState {
  return { host: hostSide(wiring), pod: podSide(wiring) };
}

/**
 * The wiring with the MAC address that the host link has: any serves, as long as the pod's neighbour entry names it. A pod that the VPC
 * CNI's plugin wired has a random one.
 */
export function asFound(wiring: PodWiring, hostMac: PodWiring["hostMac"] | undefined): PodWiring {
  return hostMac === undefined ? wiring : { ...wiring, hostMac };
}

/**
 * Inside the pod: a /32, and everything goes to the gateway. The gateway's neighbour entry is permanent, so the pod needs no
 * ARP answer from a host that does not own the gateway's address.
 */
function podSide({ address, gateway, podLink, mtu, hostMac }: PodWiring): NetworkState {
  return [
    { kind: "link", name: podLink, mtu, up: true },
    { kind: "address", link: podLink, address, length: 32, subnetRoute: false },
    { kind: "route", table: MAIN_TABLE, destination: cidr4Of(gateway, 32), link: podLink, scope: "link" },
    { kind: "route", table: MAIN_TABLE, destination: EVERYWHERE, gateway, link: podLink, scope: "global" },
    { kind: "neighbour", link: podLink, address: gateway, mac: hostMac },
  ];
}

function hostSide(wiring: PodWiring): NetworkState {
  const pod = cidr4Of(wiring.address, 32);
  return [
    ...hostLinkSettings(wiring.hostLink),
    { kind: "link", name: wiring.hostLink, mac: wiring.hostMac, mtu: wiring.mtu, up: true },
    { kind: "route", table: MAIN_TABLE, destination: pod, link: wiring.hostLink, scope: "link" },
    ...podRules(pod, wiring.table),
  ];
}

/** The rules of one pod: to it by the main table, from it by its ENI's table. A pod on the primary ENI needs no second rule. */
function podRules(pod: Cidr4, table: number): readonly NetworkItem[] {
  const toPod: NetworkItem = { kind: "rule", priority: PRIORITY.toPod, to: pod, table: MAIN_TABLE };
  return table === MAIN_TABLE ? [toPod] : [toPod, { kind: "rule", priority: PRIORITY.fromPod, from: pod, table }];
}

/** A pod must not steer the host by router advertisements; to be set before the link is up. Kernels without IPv6 have none of these. */
function hostLinkSettings(link: string): readonly SysctlItem[] {
  const path = `net/ipv6/conf/${link}`;
  return [
    { kind: "sysctl", path: `${path}/accept_ra`, value: "0" },
    { kind: "sysctl", path: `${path}/accept_redirects`, value: "1" },
    { kind: "sysctl", path: `${path}/forwarding`, value: "0" },
  ];
}
