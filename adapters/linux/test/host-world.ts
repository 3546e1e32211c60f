import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { cidr4, cidr4Of, ipv4, parseMac, type Mac } from "@slash28/address";
import { renderState, type EniWiring, type HostWiring, type PodWiring } from "@slash28/host-network";
import { listenInNamespace, openNetlink, writeSysctl, type Netlink } from "../src/index.ts";
import { testNamespaces, type TestNamespaces } from "./namespaces.ts";

export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new TypeError(`${text} is not a MAC address`);
  return parsed;
}

export const PRIMARY: EniWiring = {
  mac: mac("02:00:00:00:00:01"),
  isPrimary: true,
  primaryAddress: ipv4("10.0.0.9"),
  subnet: cidr4("10.0.0.0/24"),
  table: 254,
  mtu: 9001,
};

export const SECOND: EniWiring = {
  ...PRIMARY,
  mac: mac("02:00:00:00:00:02"),
  isPrimary: false,
  primaryAddress: ipv4("10.0.0.20"),
  table: 2,
};

/** An address in the VPC that is on another host, and one far outside. */
export const NEIGHBOUR = "10.0.9.9";
export const INTERNET = "203.0.113.7";

export function aHost(over: Partial<HostWiring> = {}): HostWiring {
  return {
    enis: [PRIMARY, SECOND],
    vpcCidrs: [cidr4("10.0.0.0/16")],
    snat: { mode: "node", excluded: [], port: "prng" },
    nodePorts: true,
    connectionMark: 0x80,
    vethPrefix: "eni",
    externalServiceCidrs: [],
    tcpEarlyDemux: true,
    ...over,
  };
}

/** Pods 0 to 15: even ones on the primary ENI, odd ones on the second. */
export function aPod(n: number, over: Partial<PodWiring> = {}): PodWiring {
  return {
    address: ipv4(`10.0.0.${64 + n}`),
    gateway: ipv4("169.254.1.1"),
    hostLink: `eni${n}`,
    podLink: "eth0",
    mtu: 9001,
    hostMac: mac(`02:aa:00:00:00:0${n.toString(16)}`),
    table: n % 2 === 0 ? 254 : 2,
    ...over,
  };
}

/**
 * A namespace that is a host with two ENIs, and one that is everything behind them. As EC2 does, the outside takes a packet from
 * an ENI only if its source is an address of that ENI.
 */
export interface HostWorld {
  readonly namespaces: TestNamespaces;
  readonly host: Netlink;
  /** All that wiring may change on the host, as text. */
  hostText(): string;
  /** A server that answers every connection with the address it sees. */
  serve(where: string, address: string, port: number): Promise<void>;
  close(): void;
}

export function hostWorld(): HostWorld {
  const namespaces = testNamespaces();
  const host = openNetlink(namespaces.make("host"));
  const outside = openNetlink(namespaces.make("outside"));
  const servers: Server[] = [];
  plugEni(host, namespaces, { name: "eth0", outsideName: "out0", eni: PRIMARY });
  plugEni(host, namespaces, { name: "eth1", outsideName: "out1", eni: SECOND });
  host.put({ kind: "address", link: "eth0", address: PRIMARY.primaryAddress, length: 24, subnetRoute: true });
  host.put({ kind: "route", table: 254, destination: cidr4("0.0.0.0/0"), gateway: ipv4("10.0.0.1"), link: "eth0", scope: "global" });
  furnishOutside(outside, namespaces);
  outside.close();

  return {
    namespaces,
    host,
    hostText: () =>
      renderState([...host.addresses(), ...host.routes(), ...host.rules()]) +
      host
        .links()
        .map((link) => `${link.name} ${link.group}\n`)
        .join(""),
    async serve(where, address, port) {
      const server = createServer((socket) => {
        socket.on("error", () => socket.destroy());
        socket.end(`${socket.remoteAddress}\n`);
      });
      servers.push(server);
      server.listen({ fd: listenInNamespace(namespaces.path(where), ipv4(address), port) });
      await once(server, "listening");
    },
    close() {
      for (const server of servers) server.close();
      host.close();
      namespaces.dropAll();
    },
  };
}

function plugEni(
  host: Netlink,
  namespaces: TestNamespaces,
  { name, outsideName, eni }: { name: string; outsideName: string; eni: EniWiring },
): void {
  host.addLink({
    type: "veth",
    name,
    mac: eni.mac,
    mtu: 1500,
    up: eni.isPrimary,
    peer: { name: outsideName, mtu: 9001, up: true },
    peerNamespace: namespaces.path("outside"),
  });
}

function furnishOutside(outside: Netlink, namespaces: TestNamespaces): void {
  const path = namespaces.path("outside");
  for (const address of [NEIGHBOUR, INTERNET])
    outside.put({ kind: "address", link: "lo", address: ipv4(address), length: 32, subnetRoute: false });
  const carried = new Map([
    ["out0", { eni: PRIMARY, addresses: [PRIMARY.primaryAddress, ...[0, 2, 4].map((n) => aPod(n).address)] }],
    ["out1", { eni: SECOND, addresses: [SECOND.primaryAddress, ...[1, 3, 5].map((n) => aPod(n).address)] }],
  ]);
  for (const [link, { eni, addresses }] of carried) {
    // The VPC router answers for its address on every ENI.
    outside.put({ kind: "address", link, address: ipv4("10.0.0.1"), length: 32, subnetRoute: false });
    for (const address of addresses) {
      outside.put({ kind: "route", table: 254, destination: cidr4Of(address, 32), link, scope: "link" });
      outside.put({ kind: "neighbour", link, address, mac: eni.mac });
    }
    writeSysctl(`net/ipv4/conf/${link}/rp_filter`, "1", path);
  }
}
