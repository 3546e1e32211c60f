import { formatCidr4, type InstanceId, type Ipv4, type Ipv6 } from "@slash28/address";
import {
  applyNftables,
  createNamespace,
  deleteNamespace,
  listNamespaces,
  namespacePath,
  openNetlink,
  writeSysctl,
  type Ipv6Address,
  type Netlink,
} from "@slash28/linux";
import { METADATA_ADDRESS, VPC_MTU } from "./addresses.ts";
import { cutRules } from "./cut-rules.ts";
import { makeInternet } from "./internet.ts";
import { createIpv6Links, makeIpv6Internet } from "./ipv6-links.ts";
import { INTERNET_LINK, instanceNamespace, internetNamespace, namespacePrefix, routerNamespace, UPLINK } from "./names.ts";
import { EVERYWHERE, planRouter, type EniLink, type EniRoute, type RouterPlan } from "./router-plan.ts";
import { routerRules } from "./router-rules.ts";
import type { Topology } from "./topology.ts";
import { canMakeVlans, withoutBranches } from "./vlan-support.ts";

const MAIN_TABLE = 254;

/** The VPC's network on this machine: a namespace per instance, and a strict router between them. */
export interface Fabric {
  /** Makes the kernel carry this topology; doing it twice changes nothing. Raises a `Fault`. */
  carry(topology: Topology): void;
  /** Where an instance's namespace is found. */
  namespaceOf(instance: InstanceId): string;
  /** Lets no packet of these instances pass, in or out, until told otherwise; also not of ENIs they get meanwhile. */
  cutOff(instances: ReadonlySet<InstanceId>): void;
  /** Puts an address beyond the VPC, where something then may listen; twice is once. */
  offerBeyond(address: Ipv4 | Ipv6): void;
  withdrawBeyond(address: Ipv4 | Ipv6): void;
  /** The namespace of the VPC's router. */
  readonly router: string;
  /** The namespace beyond the VPC. */
  readonly internet: string;
  /** Whether this kernel has VLANs; without them branch ENIs carry nothing. */
  readonly hasVlans: boolean;
  /** Takes everything away. */
  close(): void;
}

/** Makes the router and the internet; instances come with the first topology. Leftovers of the same lab are removed first. */
export function createFabric(lab: string): Fabric {
  removeFabric(lab);
  try {
    return makeFabric(lab);
  } catch (cause) {
    removeFabric(lab);
    throw cause;
  }
}

function makeFabric(lab: string): Fabric {
  const router = createNamespace(routerNamespace(lab));
  const internet = createNamespace(internetNamespace(lab));
  const netlink = openNetlink(router);
  prepareRouter(router);
  makeInternet(netlink, internet);
  makeIpv6Internet(netlink, { router, routerLink: INTERNET_LINK, internet, internetLink: UPLINK });
  const ipv6 = createIpv6Links(lab, netlink);
  const hasVlans = canMakeVlans(netlink, INTERNET_LINK);
  let rules = "";
  let cut: ReadonlySet<InstanceId> = new Set();
  let cuts = cutRules([]);
  let links: readonly EniLink[] = [];

  const carryCuts = (): void => {
    const text = cutRules(links.filter((link) => cut.has(link.instance)).map((link) => link.routerEnd));
    if (text !== cuts) applyNftables(text, router);
    cuts = text;
  };

  const carry = (asked: Topology): void => {
    const topology = hasVlans ? asked : withoutBranches(asked);
    const plan = planRouter(topology);
    const present = new Set(listNamespaces());
    const wanted = new Set(topology.instances.map((instance) => instanceNamespace(lab, instance.id)));
    for (const name of wanted) if (!present.has(name)) bootNamespace(name);
    dropLinks(netlink, plan);
    addLinks(lab, netlink, plan);
    carryRoutes(netlink, plan);
    ipv6.carry(plan);
    const text = routerRules(topology);
    if (text !== rules) applyNftables(text, router);
    rules = text;
    links = [...plan.links.values()];
    carryCuts();
    const keep = new Set([...wanted, routerNamespace(lab), internetNamespace(lab)]);
    for (const name of present) if (name.startsWith(namespacePrefix(lab)) && !keep.has(name)) deleteNamespace(name);
  };

  return {
    carry,
    cutOff: (instances) => {
      cut = instances;
      carryCuts();
    },
    namespaceOf: (instance) => namespacePath(instanceNamespace(lab, instance)),
    ...addressesBeyond(internet),
    router,
    internet,
    hasVlans,
    close: () => {
      netlink.close();
      removeFabric(lab);
    },
  };
}

/** Removes every namespace of a lab by name, whoever made it; links and rules go with them. Returns their names. */
export function removeFabric(lab: string): readonly string[] {
  const own = listNamespaces().filter((name) => name.startsWith(namespacePrefix(lab)));
  for (const name of own) deleteNamespace(name);
  return own;
}

function hostAddress(address: Ipv4): Parameters<Netlink["put"]>[0] {
  return { kind: "address", link: "lo", address, length: 32, subnetRoute: false };
}

function addressesBeyond(internet: string): Pick<Fabric, "offerBeyond" | "withdrawBeyond"> {
  const host6 = (address: Ipv6): Ipv6Address => ({ kind: "address", link: "lo", address, length: 128 });
  return {
    offerBeyond: (address) =>
      withNetlink(internet, (beyond) => {
        if (typeof address === "bigint") beyond.putIpv6(host6(address));
        else beyond.put(hostAddress(address));
      }),
    withdrawBeyond: (address) =>
      withNetlink(internet, (beyond) => {
        if (typeof address === "bigint") beyond.removeIpv6Address(host6(address));
        else beyond.remove(hostAddress(address));
      }),
  };
}

/** The router answers ARP for whatever it routes, at once: instances of one subnet are not on one wire, and must not notice. */
function prepareRouter(path: string): void {
  writeSysctl("net/ipv4/ip_forward", "1", path);
  writeSysctl("net/ipv4/conf/all/rp_filter", "0", path);
  writeSysctl("net/ipv4/conf/default/rp_filter", "0", path);
  writeSysctl("net/ipv4/conf/default/proxy_arp", "1", path);
  writeSysctl("net/ipv4/conf/all/send_redirects", "0", path);
  writeSysctl("net/ipv4/conf/default/send_redirects", "0", path);
  writeSysctl("net/ipv6/conf/default/disable_ipv6", "1", path);
}

/** What an instance's operating system has before any agent runs. */
function bootNamespace(name: string): void {
  const path = createNamespace(name);
  writeSysctl("net/ipv4/ip_forward", "1", path);
  writeSysctl("net/ipv4/conf/all/rp_filter", "0", path);
  writeSysctl("net/ipv4/conf/default/rp_filter", "2", path);
  writeSysctl("net/ipv6/conf/default/disable_ipv6", "1", path);
  withNetlink(path, (netlink) => netlink.put(hostAddress(METADATA_ADDRESS)));
}

function dropLinks(netlink: Netlink, plan: RouterPlan): void {
  const gone = netlink
    .links()
    .filter((link) => (link.type === "veth" || link.type === "vlan") && link.name.startsWith("e") && !plan.links.has(link.name));
  for (const link of gone) netlink.deleteLink(link.name);
}

function addLinks(lab: string, netlink: Netlink, plan: RouterPlan): void {
  const present = new Set(netlink.links().map((link) => link.name));
  for (const link of plan.links.values()) {
    if (present.has(link.routerEnd)) continue;
    const path = namespacePath(instanceNamespace(lab, link.instance));
    addRouterLink(netlink, link, path);
    // The router knows where its ENIs are, as EC2 does; an instance need not answer for its addresses.
    netlink.put({ kind: "neighbour", link: link.routerEnd, address: link.primaryAddress, mac: link.mac });
    // Proxied ARP is answered late by default (arp(7), proxy_delay), and new links do not take the setting over from elsewhere.
    writeSysctl(`net/ipv4/neigh/${link.routerEnd}/proxy_delay`, "0", namespacePath(routerNamespace(lab)));
    if (link.boot !== undefined) withNetlink(path, (instance) => bootLink(instance, link, link.boot));
  }
}

/** An ENI is a pair of links, one end in the instance; a branch is a VLAN on its trunk's router end. */
function addRouterLink(netlink: Netlink, { routerEnd: name, instanceEnd, mac, vlan }: EniLink, path: string): void {
  if (vlan !== undefined) {
    netlink.addLink({ type: "vlan", name, parent: vlan.parent, vlanId: vlan.id, up: true });
    return;
  }
  const peer = { name: instanceEnd, mac, mtu: VPC_MTU };
  netlink.addLink({ type: "veth", name, mtu: VPC_MTU, up: true, peer, peerNamespace: path });
}

/** What DHCP gives an instance: the primary address, the way to the subnet, and the default route. */
function bootLink(netlink: Netlink, link: EniLink, boot: EniLink["boot"]): void {
  if (boot === undefined) return;
  netlink.setLink(link.instanceEnd, { up: true });
  netlink.put({ kind: "address", link: link.instanceEnd, address: boot.address, length: boot.length, subnetRoute: true });
  netlink.put({
    kind: "route",
    table: MAIN_TABLE,
    destination: EVERYWHERE,
    gateway: boot.gateway,
    link: link.instanceEnd,
    scope: "global",
  });
}

function carryRoutes(netlink: Netlink, plan: RouterPlan): void {
  for (const address of plan.gateways) netlink.put(hostAddress(address));
  const present = netlink.routes(MAIN_TABLE).filter((route) => route.link.startsWith("e"));
  const known = new Set(present.map(routeKey));
  for (const route of plan.routes.values()) {
    if (known.has(routeKey(route))) continue;
    const scope = route.gateway === undefined ? "link" : "global";
    netlink.put({ kind: "route", table: MAIN_TABLE, ...route, scope });
  }
  for (const route of present) if (!plan.routes.has(formatCidr4(route.destination))) netlink.remove(route);
}

function routeKey({ destination, gateway, link }: EniRoute): string {
  return `${formatCidr4(destination)} ${gateway ?? ""} ${link}`;
}

function withNetlink(path: string, work: (netlink: Netlink) => void): void {
  const netlink = openNetlink(path);
  try {
    work(netlink);
  } finally {
    netlink.close();
  }
}
