import { describe, expect, test } from "vitest";
import { cidr4, ipv4 } from "@slash28/address";
import { describeChange, difference, planHost, renderState, type NetworkItem, type NetworkState } from "../src/index.ts";
import { aHost, mac, PRIMARY, SECOND } from "./wirings.ts";

/** A fresh host: two ENIs, the primary one set up by the operating system. */
const FRESH: NetworkState = [
  { kind: "link", name: "ens5", mac: PRIMARY.mac, mtu: 1500, up: true },
  { kind: "link", name: "ens6", mac: SECOND.mac, mtu: 1500, up: false },
  { kind: "address", link: "ens5", address: ipv4("10.0.0.9"), length: 24, subnetRoute: true },
  { kind: "route", table: 254, destination: cidr4("10.0.0.0/24"), link: "ens5", scope: "link", source: ipv4("10.0.0.9") },
];

function stepsFor(wiring: Parameters<typeof planHost>[0], found: NetworkState): readonly string[] {
  const plan = planHost(wiring, found);
  return difference(plan.wanted, found, plan.ours).map(describeChange);
}

test("a host with a second ENI gets its table, rules and settings", () => {
  const plan = planHost(aHost({ externalServiceCidrs: [cidr4("192.168.0.0/16")] }), FRESH);
  expect(plan.missing).toEqual([]);
  expect(renderState(plan.wanted.filter((item) => item.kind !== "nftables"))).toBe(
    [
      "link ens5 mtu 9001 up",
      "link ens6 mtu 9001 up",
      "address 10.0.0.20/24 dev ens6 noprefixroute",
      "route default via 10.0.0.1 dev ens6 table 2",
      "route 10.0.0.1/32 dev ens6 scope link table 2",
      "rule 1024: from all fwmark 0x80/0x80 lookup main",
      "rule 1535: from all to 192.168.0.0/16 lookup main",
      "rule 32765: from 10.0.0.20/32 lookup 2",
      "sysctl net/ipv4/conf/ens5/rp_filter=2",
      "sysctl net/ipv4/ip_forward=1",
      "sysctl net/ipv4/tcp_early_demux=1",
      "",
    ].join("\n"),
  );
});

test("the gateway's route is put before the default route that needs it", () => {
  const steps = stepsFor(aHost(), FRESH);
  const [toGateway, byGateway] = ["set route 10.0.0.1/32", "set route default"].map((start) =>
    steps.findIndex((step) => step.startsWith(start)),
  );
  expect(toGateway).toBeGreaterThan(0);
  expect(byGateway).toBeGreaterThan(toGateway ?? 0);
});

test("a host that has everything needs no step", () => {
  const { wanted } = planHost(aHost(), FRESH);
  const links = new Map(FRESH.filter((item) => item.kind === "link").map((link) => [link.name, link.mac]));
  const found = wanted.map((item): NetworkItem => {
    const linkMac = item.kind === "link" ? links.get(item.name) : undefined;
    return item.kind === "link" && linkMac !== undefined ? { ...item, mac: linkMac } : item;
  });
  expect(stepsFor(aHost(), found)).toEqual([]);
});

test("an ENI without a link is told, and the rest is still planned", () => {
  const plan = planHost(aHost(), FRESH.slice(0, 1));
  expect(plan.missing).toEqual([SECOND.mac]);
  expect(renderState(plan.wanted)).toContain("link ens5 mtu 9001 up");
  expect(renderState(plan.wanted)).not.toContain("lookup 2");
});

describe("what is removed", () => {
  const foreign: NetworkState = [
    { kind: "rule", priority: 0, table: 255 },
    { kind: "rule", priority: 512, to: cidr4("10.0.0.64/32"), table: 254 },
    { kind: "rule", priority: 1536, from: cidr4("10.0.0.64/32"), table: 2 },
    { kind: "rule", priority: 1024, mark: { value: 0x100, mask: 0x100 }, table: 254 },
    { kind: "rule", priority: 32765, from: cidr4("10.0.0.0/8"), table: 77 },
    { kind: "route", table: 254, destination: cidr4("10.0.0.64/32"), link: "eni0d7763386da", scope: "link" },
    { kind: "route", table: 77, destination: cidr4("0.0.0.0/0"), link: "ens5", gateway: ipv4("10.0.0.3"), scope: "global" },
  ];

  test("pods' rules and routes and those of other programs stay", () => {
    expect(stepsFor(aHost(), [...FRESH, ...foreign]).filter((step) => step.startsWith("removed"))).toEqual([]);
  });

  test("what an ENI that is gone left behind goes, after everything new is there", () => {
    const stale: NetworkState = [
      { kind: "rule", priority: 32765, from: cidr4("10.0.0.33/32"), table: 3 },
      { kind: "rule", priority: 1535, to: cidr4("172.20.0.0/16"), table: 254 },
      { kind: "address", link: "ens6", address: ipv4("10.0.0.99"), length: 24, subnetRoute: true },
      { kind: "route", table: 254, destination: SECOND.subnet, link: "ens6", scope: "link", source: ipv4("10.0.0.99") },
      { kind: "route", table: 2, destination: cidr4("10.0.5.0/24"), link: "ens6", scope: "link" },
    ];
    // Without the primary ENI's own subnet route: a table has one route to a destination.
    const steps = stepsFor(aHost(), [...FRESH.slice(0, 3), ...foreign, ...stale]);
    const removed = steps.filter((step) => step.startsWith("removed"));
    expect(removed).toEqual([
      "removed rule 32765: from 10.0.0.33/32 lookup 3",
      "removed rule 1535: from all to 172.20.0.0/16 lookup main",
      "removed address 10.0.0.99/24 dev ens6",
      "removed route 10.0.0.0/24 dev ens6 scope link src 10.0.0.99 table main",
      "removed route 10.0.5.0/24 dev ens6 scope link table 2",
    ]);
    expect(steps.slice(-removed.length)).toEqual(removed);
  });

  test("the mark rule goes when neither node ports nor source NAT need it", () => {
    const marked: NetworkItem = { kind: "rule", priority: 1024, mark: { value: 0x80, mask: 0x80 }, table: 254 };
    const wiring = aHost({ nodePorts: false, snat: { mode: "external" } });
    expect(stepsFor(wiring, [...FRESH, marked])).toContain("removed rule 1024: from all fwmark 0x80/0x80 lookup main");
  });
});

test("a route in the place of another replaces it instead of standing beside", () => {
  const wrongGateway: NetworkItem = {
    kind: "route",
    table: 2,
    destination: cidr4("0.0.0.0/0"),
    link: "ens6",
    gateway: ipv4("10.0.0.2"),
    scope: "global",
  };
  const steps = stepsFor(aHost(), [...FRESH, wrongGateway]);
  expect(steps.filter((step) => step.includes("default"))).toEqual(["set route default via 10.0.0.1 dev ens6 table 2"]);
});

test("the two links of the same name order cannot confuse: ENIs are found by MAC", () => {
  const swapped: NetworkState = [
    { kind: "link", name: "eth0", mac: SECOND.mac, mtu: 9001, up: true },
    { kind: "link", name: "eth1", mac: PRIMARY.mac, mtu: 9001, up: true },
    { kind: "link", name: "lo", mac: mac("00:00:00:00:00:00"), mtu: 65536, up: true },
  ];
  expect(renderState(planHost(aHost(), swapped).wanted)).toContain("sysctl net/ipv4/conf/eth1/rp_filter=2");
});
