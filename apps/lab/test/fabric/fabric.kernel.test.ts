import { spawnSync } from "node:child_process";
import {
  asId,
  cidr4,
  cidr4Of,
  cidr6,
  cidr6Of,
  formatIpv4,
  formatIpv6,
  ipv4,
  ipv6,
  parseMac,
  type InstanceId,
  type Mac,
  type SecurityGroupId,
} from "@slash28/address";
import { namespacePath, openNetlink } from "@slash28/linux";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createFabric,
  INTERNET,
  INTERNET_IPV6,
  instanceNamespace,
  internetNamespace,
  namespacePrefix,
  type Fabric,
  type FabricEni,
  type FabricIpv6Route,
  type FabricRoute,
  type Topology,
} from "../../src/fabric/index.ts";

const isRoot = process.getuid?.() === 0;
const lab = `t${process.pid}`;
const group = asId<SecurityGroupId>("sg-0aaa");
const webOnly = asId<SecurityGroupId>("sg-0bbb");
let fabric: Fabric;

beforeEach(() => {
  fabric = createFabric(lab);
});
afterEach(() => fabric.close());

function eni(id: string, address: string, more: Partial<FabricEni> = {}): FabricEni {
  const own = ipv4(address);
  const mac = parseMac(`02:00:00:00:00:${id.slice(-2)}`) as Mac;
  return {
    id: asId(`eni-0000000000000${id}`),
    mac,
    deviceIndex: 0,
    subnet: cidr4Of(own, 24),
    primaryAddress: own,
    owned: [cidr4Of(own, 32)],
    groups: [group],
    checkSource: true,
    routeTable: "rtb-1",
    publicAddresses: [],
    ownedIpv6: [],
    ...more,
  };
}

const instance = (id: string): InstanceId => asId<InstanceId>(id);

const local: FabricRoute = { destination: cidr4("10.0.0.0/16"), to: "local" };
const everywhere = (to: FabricRoute["to"]): FabricRoute => ({ destination: cidr4("0.0.0.0/0"), to });

function topology(a: FabricEni[], b: FabricEni[], routing: Partial<Topology> = {}): Topology {
  const everything = { traffic: "all", peer: { kind: "cidr", cidr: cidr4("0.0.0.0/0") } } as const;
  return {
    vpcCidrs: [cidr4("10.0.0.0/16")],
    vpcIpv6Cidrs: [cidr6("2001:db8:8000::/56")],
    hasInternetGateway: true,
    routeTables: [{ id: "rtb-1", routes: [local, everywhere("internet")], ipv6Routes: [] }],
    natGateways: [],
    instances: [
      { id: instance("i-a"), enis: a },
      { id: instance("i-b"), enis: b },
    ],
    groups: [
      {
        id: group,
        ingress: [
          { traffic: "all", peer: { kind: "group", id: group } },
          { traffic: { protocol: "icmp" }, peer: { kind: "cidr", cidr: cidr4("10.0.0.0/16") } },
        ],
        egress: [everything],
      },
      {
        id: webOnly,
        ingress: [{ traffic: { protocol: "tcp", fromPort: 80, toPort: 80 }, peer: { kind: "cidr", cidr: cidr4("10.0.0.0/16") } }],
        egress: [everything],
      },
    ],
    ...routing,
  };
}

/** Asks five times within a second until an answer comes: on a busy machine the first may get none. */
const PING = ["ping", "-c1", "-i0.2", "-w1"];

function ping(from: string, to: string, source?: string): boolean {
  const args = ["netns", "exec", instanceNamespace(lab, instance(from)), ...PING, ...(source ? ["-I", source] : []), to];
  return spawnSync("ip", args).status === 0;
}

test.runIf(isRoot)("instances of one subnet and of two reach each other through the router", () => {
  fabric.carry(topology([eni("0a", "10.0.0.10"), eni("1a", "10.0.0.11", { deviceIndex: 1 })], [eni("0b", "10.0.0.20")]));
  expect(ping("i-a", "10.0.0.20")).toBe(true);
  fabric.carry(topology([eni("0a", "10.0.0.10")], [eni("0b", "10.0.1.20")]));
  expect(ping("i-b", "10.0.0.10")).toBe(false);
});

test.runIf(isRoot)("a moved subnet needs a new ENI: one made anew is reached across subnets", () => {
  fabric.carry(topology([eni("0a", "10.0.0.10")], [eni("0c", "10.0.1.20")]));
  expect(ping("i-a", "10.0.1.20")).toBe(true);
  expect(ping("i-b", "10.0.0.10")).toBe(true);
});

test.runIf(isRoot)("a source the ENI does not own is dropped, and passes once the ENI owns it or the check is off", () => {
  const b = [eni("0b", "10.0.0.20")];
  const extra = cidr4("10.0.0.99/32");
  fabric.carry(topology([eni("0a", "10.0.0.10")], b));
  const netlink = openNetlink(namespacePath(instanceNamespace(lab, instance("i-a"))));
  netlink.put({ kind: "address", link: "eth0", address: extra.base, length: 32, subnetRoute: false });
  netlink.close();
  expect(ping("i-a", "10.0.0.20", "10.0.0.99")).toBe(false);
  fabric.carry(topology([eni("0a", "10.0.0.10", { owned: [cidr4("10.0.0.10/32"), extra] })], b));
  expect(ping("i-a", "10.0.0.20", "10.0.0.99")).toBe(true);
});

test.runIf(isRoot)("a prefix is owned whole", () => {
  fabric.carry(topology([eni("0a", "10.0.0.10", { owned: [cidr4("10.0.0.10/32"), cidr4("10.0.0.48/28")] })], [eni("0b", "10.0.0.20")]));
  const netlink = openNetlink(namespacePath(instanceNamespace(lab, instance("i-a"))));
  netlink.put({ kind: "address", link: "lo", address: ipv4("10.0.0.63"), length: 32, subnetRoute: false });
  netlink.close();
  expect(ping("i-b", "10.0.0.63")).toBe(true);
});

test.runIf(isRoot)("a security group lets in what it permits, and answers to what was let out", () => {
  fabric.carry(topology([eni("0a", "10.0.0.10")], [eni("0b", "10.0.0.20", { groups: [webOnly] })]));
  expect(ping("i-a", "10.0.0.20")).toBe(false);
  expect(ping("i-b", "10.0.0.10")).toBe(true);
});

test.runIf(isRoot)("the internet is reached from a public address only", () => {
  const site = formatIpv4(INTERNET.site);
  fabric.carry(topology([eni("0a", "10.0.0.10", openTo("10.0.0.10", "198.18.0.10"))], [eni("0b", "10.0.0.20")]));
  expect(ping("i-a", site)).toBe(true);
  expect(ping("i-b", site)).toBe(false);
});

function openTo(own: string, open: string): Pick<FabricEni, "publicAddresses"> {
  return { publicAddresses: [{ own: ipv4(own), open: ipv4(open) }] };
}

/** The source that the internet sees of a ping, by the packets its end of the link counts from that address. */
function sourcesSeen(from: string, addresses: readonly string[]): string[] {
  const run = (text: string): string =>
    spawnSync("ip", ["netns", "exec", internetNamespace(lab), "nft", ...text.split(" ")], { encoding: "utf8" }).stdout;
  run("add table ip seen");
  run("add chain ip seen in { type filter hook input priority 0 ; }");
  for (const address of addresses) run(`add rule ip seen in ip saddr ${address} icmp type echo-request counter comment "${address}"`);
  ping(from, formatIpv4(INTERNET.site));
  const counted = run("list table ip seen");
  run("delete table ip seen");
  return addresses.filter((address) => new RegExp(`saddr ${address} .*packets [1-9]`).test(counted));
}

test.runIf(isRoot)("a subnet without a default route does not leave the VPC, also with a public address", () => {
  const site = formatIpv4(INTERNET.site);
  const a = [eni("0a", "10.0.0.10", openTo("10.0.0.10", "198.18.0.10"))];
  fabric.carry(topology(a, [eni("0b", "10.0.0.20")]));
  expect(ping("i-a", site)).toBe(true);
  fabric.carry(topology(a, [eni("0b", "10.0.0.20")], { routeTables: [{ id: "rtb-1", routes: [local], ipv6Routes: [] }] }));
  expect(ping("i-a", site)).toBe(false);
  expect(ping("i-a", "10.0.0.20")).toBe(true);
});

test.runIf(isRoot)("a private subnet leaves under its NAT gateway's address, while the gateway's own subnet leads out", () => {
  const site = formatIpv4(INTERNET.site);
  const nat = { id: "nat-1", routeTable: "rtb-1", publicAddress: ipv4("198.18.0.99") };
  const b = [eni("0b", "10.0.0.20", { routeTable: "rtb-2" })];
  const routed = (own: FabricRoute[], ofNat: FabricRoute[]): Topology =>
    topology([eni("0a", "10.0.0.10")], b, {
      natGateways: [nat],
      routeTables: [
        { id: "rtb-1", routes: ofNat, ipv6Routes: [] },
        { id: "rtb-2", routes: own, ipv6Routes: [] },
      ],
    });
  fabric.carry(routed([local, everywhere({ nat: "nat-1" })], [local, everywhere("internet")]));
  expect(ping("i-b", site)).toBe(true);
  expect(sourcesSeen("i-b", ["198.18.0.99", "10.0.0.20"])).toEqual(["198.18.0.99"]);
  expect(ping("i-a", site)).toBe(false);
  fabric.carry(routed([local, everywhere({ nat: "nat-1" })], [local]));
  expect(ping("i-b", site)).toBe(false);
  const hole: FabricRoute = { destination: cidr4("198.51.100.0/24"), to: "nowhere" };
  fabric.carry(routed([everywhere({ nat: "nat-1" }), hole, local], [local, everywhere("internet")]));
  expect(ping("i-b", site)).toBe(false);
  expect(ping("i-b", formatIpv4(INTERNET.internetSide))).toBe(true);
});

test.runIf(isRoot)("a branch is reached on its trunk's link under its VLAN, with groups and source of its own", (context) => {
  context.skip(!fabric.hasVlans, "this kernel has no VLANs (8021q)");
  const trunk = eni("1a", "10.0.0.11", { deviceIndex: 1 });
  const branch = eni("2a", "10.0.0.50", { deviceIndex: 1, vlan: { trunk: trunk.id, id: 5 }, groups: [webOnly] });
  const carry = (...groups: SecurityGroupId[]): void =>
    fabric.carry(topology([eni("0a", "10.0.0.10"), trunk, { ...branch, groups }], [eni("0b", "10.0.0.20")]));
  carry(group);
  const inside = (...args: string[]): number | null => spawnSync("ip", ["-n", instanceNamespace(lab, instance("i-a")), ...args]).status;
  inside("link", "set", "eth1", "up");
  inside("link", "add", "link", "eth1", "name", "vlan.5", "address", branch.mac, "type", "vlan", "id", "5");
  inside("link", "set", "vlan.5", "up");
  inside("addr", "add", "10.0.0.50/32", "dev", "vlan.5");
  expect(ping("i-b", "10.0.0.50"), "an answer from the wrong ENI").toBe(false);
  inside("route", "add", "default", "via", "10.0.0.1", "dev", "vlan.5", "onlink", "table", "105");
  inside("rule", "add", "from", "10.0.0.50", "lookup", "105", "priority", "10");
  expect(ping("i-b", "10.0.0.50")).toBe(true);
  carry(webOnly);
  expect(ping("i-b", "10.0.0.50"), "a group that lets in the web only").toBe(false);
  fabric.carry(topology([eni("0a", "10.0.0.10"), trunk], [eni("0b", "10.0.0.20")]));
  const links = spawnSync("ip", ["-n", `${namespacePrefix(lab)}router`, "-o", "link"], { encoding: "utf8" }).stdout;
  expect(links).not.toContain(branch.id.slice(-12));
  expect(links).toContain(trunk.id.slice(-12));
});

describe.runIf(isRoot)("IPv6", () => {
  const everything = { traffic: "all", peer: { kind: "cidr6", cidr: cidr6("::/0") } } as const;
  const at = (address: string): Pick<FabricEni, "ownedIpv6" | "ipv6Address"> => ({
    ipv6Address: ipv6(address),
    ownedIpv6: [cidr6Of(ipv6(address), 128)],
  });
  const site = formatIpv6(INTERNET_IPV6.site);
  const [a6, b6] = ["2001:db8:8000::a", "2001:db8:8000:1::b"];

  function dual(to: FabricIpv6Route["to"], more: Partial<Topology> = {}): Topology {
    const a = eni("0a", "10.0.0.10", { ...at(a6), groups: [open.id] });
    const b = eni("0b", "10.0.1.20", { ...at(b6), groups: [open.id] });
    const ipv6Routes: FabricIpv6Route[] = [
      { destination: cidr6("2001:db8:8000::/56"), to: "local" },
      { destination: cidr6("::/0"), to },
    ];
    return topology([a], [b], { groups: [open], routeTables: [{ id: "rtb-1", routes: [local], ipv6Routes }], ...more });
  }
  const open = { id: asId<SecurityGroupId>("sg-0ccc"), ingress: [everything], egress: [everything] };
  const ping6 = (namespace: string, to: string): boolean => spawnSync("ip", ["netns", "exec", namespace, ...PING, "-6", to]).status === 0;
  const from = (id: string): string => instanceNamespace(lab, instance(id));

  test("instances reach each other, and what they do not own is dropped", () => {
    fabric.carry(dual("nowhere"));
    expect(ping6(from("i-a"), b6)).toBe(true);
    expect(ping6(from("i-a"), site)).toBe(false);
    spawnSync("ip", ["-n", from("i-a"), "addr", "add", "2001:db8:8000::bad/128", "dev", "eth0", "nodad"]);
    const args = ["netns", "exec", from("i-a"), ...PING, "-6", "-I", "2001:db8:8000::bad", b6];
    expect(spawnSync("ip", args).status).not.toBe(0);
  });

  test("the internet gateway lets in and out, an egress-only one out alone, and none at all nothing", () => {
    fabric.carry(dual("internet"));
    expect([ping6(from("i-a"), site), ping6(internetNamespace(lab), a6)]).toEqual([true, true]);
    fabric.carry(dual("egress-only"));
    expect([ping6(from("i-a"), site), ping6(internetNamespace(lab), a6)]).toEqual([true, false]);
    fabric.carry(dual("egress-only", { hasInternetGateway: false }));
    expect([ping6(from("i-a"), site), ping6(internetNamespace(lab), a6)]).toEqual([true, false]);
  });

  test("an address beyond the VPC is there while it is offered", () => {
    fabric.carry(dual("internet"));
    const endpoint = INTERNET_IPV6.clusters.base;
    fabric.offerBeyond(endpoint);
    fabric.offerBeyond(endpoint);
    expect(ping6(from("i-a"), formatIpv6(endpoint))).toBe(true);
    fabric.withdrawBeyond(endpoint);
    expect(ping6(from("i-a"), formatIpv6(endpoint))).toBe(false);
  });

  test("a group lets in the IPv6 ranges and members that it names", () => {
    const group6 = (peer: (typeof everything)["peer"] | { readonly kind: "group"; readonly id: SecurityGroupId }) => ({
      ...open,
      ingress: [{ traffic: { protocol: "icmpv6" }, peer } as const],
    });
    fabric.carry(dual("internet", { groups: [group6({ kind: "cidr6", cidr: cidr6("2001:db8:8000:1::/64") })] }));
    expect([ping6(from("i-b"), a6), ping6(internetNamespace(lab), a6)]).toEqual([true, false]);
    fabric.carry(dual("internet", { groups: [group6({ kind: "group", id: open.id })] }));
    expect([ping6(from("i-b"), a6), ping6(internetNamespace(lab), a6)]).toEqual([true, false]);
  });

  test("a prefix is owned whole, and goes where it is moved", () => {
    const prefix = cidr6("2001:db8:8000:0:1::/80");
    const inside = "2001:db8:8000:0:1::77";
    const holding = (id: "a" | "b"): Topology => {
      const carried = dual("internet");
      const instances = carried.instances.map((each) => ({
        ...each,
        enis: each.enis.map((own) => (each.id === `i-${id}` ? { ...own, ownedIpv6: [...own.ownedIpv6, prefix] } : own)),
      }));
      return { ...carried, instances };
    };
    for (const id of ["a", "b"] as const) {
      fabric.carry(holding(id));
      spawnSync("ip", ["-n", from(`i-${id}`), "addr", "add", `${inside}/128`, "dev", "lo", "nodad"]);
      expect(ping6(internetNamespace(lab), inside), `the prefix on ${id}`).toBe(true);
      spawnSync("ip", ["-n", from(`i-${id}`), "addr", "del", `${inside}/128`, "dev", "lo"]);
    }
  });
});

test.runIf(isRoot)("carrying the same topology twice changes nothing, and closing leaves no namespace", () => {
  const same = topology([eni("0a", "10.0.0.10")], [eni("0b", "10.0.0.20")]);
  fabric.carry(same);
  const before = spawnSync("ip", ["-n", `${namespacePrefix(lab)}router`, "route"], { encoding: "utf8" }).stdout;
  fabric.carry(same);
  expect(spawnSync("ip", ["-n", `${namespacePrefix(lab)}router`, "route"], { encoding: "utf8" }).stdout).toBe(before);
  fabric.close();
  expect(spawnSync("ip", ["netns"], { encoding: "utf8" }).stdout).not.toContain(namespacePrefix(lab));
});
