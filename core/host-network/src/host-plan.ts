import { cidr4Equal, cidr4Of, offsetIpv4, type Ipv4, type Mac } from "@slash28/address";
import { natTable } from "./nat-table.ts";
import type { LinkItem, NetworkItem, NetworkState } from "./network-items.ts";
import type { EniWiring, HostWiring } from "./pod-wiring.ts";
import { MAIN_TABLE, PRIORITY } from "./priorities.ts";

/** What a host should have, apart from its pods, and how to tell which of the things it has are ours to remove. */
export interface HostPlan {
  readonly wanted: NetworkState;
  readonly ours: (item: NetworkItem) => boolean;
  /** ENIs whose link is not there (yet); nothing is planned for them. */
  readonly missing: readonly Mac[];
}

/** An ENI and its link. */
interface LinkedEni {
  readonly eni: EniWiring;
  readonly link: string;
}

/** Plans a host (Amazon VPC CNI, host and ENI set-up for IPv4). `found` tells which link each ENI is. */
export function planHost(wiring: HostWiring, found: NetworkState): HostPlan {
  const links = new Map(found.filter(isLinkWithMac).map((link) => [link.mac, link.name]));
  const linked = wiring.enis.flatMap((eni): LinkedEni[] => {
    const link = links.get(eni.mac);
    return link === undefined ? [] : [{ eni, link }];
  });
  const secondary = linked.filter(({ eni }) => !eni.isPrimary);
  const primary = linked.find(({ eni }) => eni.isPrimary);
  return {
    wanted: [
      ...(primary === undefined ? [] : primaryItems(wiring, primary)),
      ...secondary.flatMap(secondaryItems),
      ...hostRules(wiring),
      { kind: "sysctl", path: "net/ipv4/ip_forward", value: "1" },
      // Early demultiplexing looks a packet's socket up before it is routed; kubelet's probes of pods with groups of their own need it off.
      { kind: "sysctl", path: "net/ipv4/tcp_early_demux", value: wiring.tcpEarlyDemux ? "1" : "0" },
    ],
    ours: (item) => isOurs(item, wiring, secondary),
    missing: wiring.enis.filter((eni) => !links.has(eni.mac)).map((eni) => eni.mac),
  };
}

/** The operating system owns the primary ENI's address and routes; only its MTU and what is translated there are ours. */
function primaryItems(wiring: HostWiring, { eni, link }: LinkedEni): NetworkState {
  return [
    { kind: "link", name: link, mtu: eni.mtu, up: true },
    // Answers from outside to a pod on another ENI come in here: the strict reverse path check would drop them.
    { kind: "sysctl", path: `net/ipv4/conf/${link}/rp_filter`, value: "2" },
    natTable(wiring, link, eni.primaryAddress),
  ];
}

/** A secondary ENI has a table of its own. The VPC router is the first host address of the subnet. */
function secondaryItems({ eni, link }: LinkedEni): NetworkState {
  const gateway = offsetIpv4(eni.subnet.base, 1);
  return [
    { kind: "link", name: link, mtu: eni.mtu, up: true },
    { kind: "address", link, address: eni.primaryAddress, length: eni.subnet.length, subnetRoute: false },
    { kind: "route", table: eni.table, destination: cidr4Of(gateway, 32), link, scope: "link" },
    { kind: "route", table: eni.table, destination: cidr4Of(0 as Ipv4, 0), gateway, link, scope: "global" },
    { kind: "rule", priority: PRIORITY.fromEni, from: cidr4Of(eni.primaryAddress, 32), table: eni.table },
  ];
}

function hostRules(wiring: HostWiring): NetworkState {
  const needsMark = wiring.nodePorts || wiring.snat.mode === "node";
  const mark = { value: wiring.connectionMark, mask: wiring.connectionMark };
  const external = wiring.externalServiceCidrs.map((to): NetworkItem => ({
    kind: "rule",
    priority: PRIORITY.externalService,
    to,
    table: MAIN_TABLE,
  }));
  return needsMark ? [{ kind: "rule", priority: PRIORITY.marked, mark, table: MAIN_TABLE }, ...external] : external;
}

/** Pods' rules and routes are never among these: they come and go with the pods. */
function isOurs(item: NetworkItem, wiring: HostWiring, secondary: readonly LinkedEni[]): boolean {
  switch (item.kind) {
    case "rule":
      if (item.priority === PRIORITY.marked) return item.mark?.mask === wiring.connectionMark;
      if (item.priority === PRIORITY.fromEni) return item.from?.length === 32;
      return item.priority === PRIORITY.externalService && item.table === MAIN_TABLE;
    case "address":
      return secondary.some(({ link }) => link === item.link);
    case "route": {
      const owner = secondary.find(({ link }) => link === item.link);
      if (item.table !== MAIN_TABLE) return secondary.some(({ eni }) => eni.table === item.table);
      // The route to the subnet that the kernel adds along with an address would draw traffic of other ENIs to this one.
      return owner !== undefined && item.scope === "link" && cidr4Equal(item.destination, owner.eni.subnet);
    }
    case "link":
    case "neighbour":
    case "sysctl":
    case "nftables":
      return false;
    default:
      return item satisfies never;
  }
}

function isLinkWithMac(item: NetworkItem): item is LinkItem & { readonly mac: Mac } {
  return item.kind === "link" && item.mac !== undefined;
}
