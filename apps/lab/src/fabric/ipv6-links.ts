import { cidr6Equal, cidr6Of, formatCidr6, linkLocalIpv6, type Cidr6, type Ipv6 } from "@slash28/address";
import { namespacePath, openNetlink, writeSysctl, type Netlink } from "@slash28/linux";
import { INTERNET_IPV6, ROUTER_LINK_LOCAL } from "./addresses.ts";
import { instanceNamespace, routerNamespace } from "./names.ts";
import type { EniLink, RouterPlan } from "./router-plan.ts";

const MAIN_TABLE = 254;
const EVERYWHERE: Cidr6 = cidr6Of(0n as Ipv6, 0);

/** Keeps the IPv6 side of the router's links, and of the instances' primary ones, at what the plan says. */
export interface Ipv6Links {
  carry(plan: RouterPlan): void;
}

export function createIpv6Links(lab: string, netlink: Netlink): Ipv6Links {
  /** Links that speak IPv6 already: the address their instance got, or none. */
  const ready = new Map<string, Ipv6 | undefined>();
  const router = namespacePath(routerNamespace(lab));

  const prepare = (link: EniLink): void => {
    if (!ready.has(link.routerEnd)) {
      enable(router, link.routerEnd);
      netlink.putIpv6({ kind: "address", link: link.routerEnd, address: ROUTER_LINK_LOCAL, length: 64 });
      netlink.putIpv6({ kind: "neighbour", link: link.routerEnd, address: linkLocalIpv6(link.mac), mac: link.mac });
      ready.set(link.routerEnd, undefined);
    }
    if (link.boot === undefined || link.ipv6Address === undefined || ready.get(link.routerEnd) === link.ipv6Address) return;
    bootIpv6(namespacePath(instanceNamespace(lab, link.instance)), link.instanceEnd, link.ipv6Address);
    ready.set(link.routerEnd, link.ipv6Address);
  };

  return {
    carry(plan) {
      for (const name of ready.keys()) if (!plan.links.has(name)) ready.delete(name);
      for (const link of plan.links.values()) if (link.ownedIpv6.length > 0) prepare(link);
      carryRoutes(netlink, plan);
    },
  };
}

/** What DHCPv6 and the router's advertisement give an instance: its address by itself, and the way to everything through the router. */
function bootIpv6(path: string, link: string, address: Ipv6): void {
  enable(path, link);
  const netlink = openNetlink(path);
  try {
    netlink.putIpv6({ kind: "address", link, address, length: 128 });
    netlink.putIpv6({ kind: "route", table: MAIN_TABLE, destination: EVERYWHERE, gateway: ROUTER_LINK_LOCAL, link });
  } finally {
    netlink.close();
  }
}

/** Links are born without IPv6; nobody here asks whether an address is taken, or believes advertisements. */
function enable(path: string, link: string): void {
  writeSysctl(`net/ipv6/conf/${link}/accept_dad`, "0", path);
  writeSysctl(`net/ipv6/conf/${link}/accept_ra`, "0", path);
  writeSysctl(`net/ipv6/conf/${link}/disable_ipv6`, "0", path);
}

/** Everything an ENI owns goes by its link-local address: nobody asks the link for the others, as in EC2. */
function carryRoutes(netlink: Netlink, plan: RouterPlan): void {
  const wanted = new Map<string, { readonly destination: Cidr6; readonly link: string; readonly gateway: Ipv6 }>();
  for (const link of plan.links.values()) {
    for (const destination of link.ownedIpv6) {
      wanted.set(formatCidr6(destination), { destination, link: link.routerEnd, gateway: linkLocalIpv6(link.mac) });
    }
  }
  const present = netlink.ipv6Routes(MAIN_TABLE).filter((route) => route.link.startsWith("e") && route.gateway !== undefined);
  for (const route of present) {
    const want = wanted.get(formatCidr6(route.destination));
    const isRight = want !== undefined && want.link === route.link && cidr6Equal(want.destination, route.destination);
    if (isRight) wanted.delete(formatCidr6(route.destination));
    else netlink.removeIpv6Route(route);
  }
  for (const route of wanted.values()) netlink.putIpv6({ kind: "route", table: MAIN_TABLE, ...route });
}

/** The IPv6 side of the router's link to the internet, and of the internet. */
export function makeIpv6Internet(
  netlink: Netlink,
  ends: { readonly router: string; readonly routerLink: string; readonly internet: string; readonly internetLink: string },
): void {
  writeSysctl("net/ipv6/conf/all/forwarding", "1", ends.router);
  enable(ends.router, ends.routerLink);
  const { routerSide, internetSide, linkLength, pool, site } = INTERNET_IPV6;
  const between = cidr6Of(routerSide, linkLength);
  netlink.putIpv6({ kind: "address", link: ends.routerLink, address: routerSide, length: linkLength });
  netlink.putIpv6({ kind: "route", table: MAIN_TABLE, destination: between, link: ends.routerLink });
  netlink.putIpv6({ kind: "route", table: MAIN_TABLE, destination: EVERYWHERE, gateway: internetSide, link: ends.routerLink });
  enable(ends.internet, ends.internetLink);
  const internet = openNetlink(ends.internet);
  try {
    internet.putIpv6({ kind: "address", link: ends.internetLink, address: internetSide, length: linkLength });
    internet.putIpv6({ kind: "route", table: MAIN_TABLE, destination: between, link: ends.internetLink });
    internet.putIpv6({ kind: "address", link: "lo", address: site, length: 128 });
    internet.putIpv6({ kind: "route", table: MAIN_TABLE, destination: pool, gateway: routerSide, link: ends.internetLink });
  } finally {
    internet.close();
  }
}
