import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cidr4, cidr4Of, ipv4, ipv4FromNumber, parseMac } from "@slash28/address";
import { openNetlink, type Netlink, type PlacedItem } from "../src/index.ts";
import { testNamespaces, type TestNamespaces } from "./namespaces.ts";

let namespaces: TestNamespaces;
let a: Netlink;
let b: Netlink;

beforeEach(() => {
  namespaces = testNamespaces();
  a = openNetlink(namespaces.make("a"));
  b = openNetlink(namespaces.make("b"));
});

afterEach(() => {
  a.close();
  b.close();
  namespaces.dropAll();
});

function pair(): void {
  a.addLink({
    type: "veth",
    name: "left",
    mac: parseMac("02:00:00:00:00:0a") ?? fail(),
    mtu: 9001,
    up: true,
    peer: { name: "right", mtu: 9001, up: true },
    peerNamespace: namespaces.path("b"),
  });
}

function fail(): never {
  throw new TypeError("not a MAC address");
}

describe("links", () => {
  test("a veth pair is born across two namespaces, both ends up, each knowing the other", () => {
    pair();
    const left = a.link("left");
    const right = b.link("right");
    expect(left).toMatchObject({ type: "veth", mac: "02:00:00:00:00:0a", mtu: 9001, up: true });
    expect(right).toMatchObject({ type: "veth", mtu: 9001, up: true, peer: left?.index });
    expect(left?.peer).toBe(right?.index);
  });

  test("bridge, port, rename, address, move", () => {
    pair();
    a.addLink({ type: "bridge", name: "br0", up: true });
    a.setLink("left", { master: "br0" });
    expect(a.link("left")?.master).toBe(a.link("br0")?.index);
    a.setLink("left", { master: null, up: false });
    expect(a.link("left")).toMatchObject({ up: false });
    expect(a.link("left")?.master).toBeUndefined();
    a.setLink("left", { rename: "eth9", mac: parseMac("02:00:00:00:00:0b") ?? fail(), mtu: 1400 });
    expect(a.link("eth9")).toMatchObject({ mac: "02:00:00:00:00:0b", mtu: 1400 });
    a.moveLink("eth9", namespaces.path("b"), "eth0");
    expect(a.links().map((link) => link.name)).toEqual(["lo", "br0"]);
    expect(b.link("eth0")?.mac).toBe("02:00:00:00:00:0b");
  });

  test("deleting tells whether there was one", () => {
    pair();
    expect(a.deleteLink("left")).toBe(true);
    expect(b.link("right")).toBeUndefined();
    expect(a.deleteLink("left")).toBe(false);
  });

  test("refusals name the error, what was done, and why", () => {
    pair();
    expect(() => pair()).toThrow("the kernel answered EEXIST adding veth link left");
    expect(() => a.setLink("nosuch", { up: true })).toThrow("the kernel answered ENODEV changing link nosuch (no link nosuch)");
    expect(() => a.addLink({ type: "bridge", name: "a-name-that-is-too-long" })).toThrow(/(ERANGE|EINVAL) adding bridge link/);
  });
});

describe("items", () => {
  const items: readonly PlacedItem[] = [
    { kind: "address", link: "left", address: ipv4("10.0.0.20"), length: 24, subnetRoute: false },
    { kind: "route", table: 2, destination: cidr4("10.0.0.1/32"), link: "left", scope: "link" },
    { kind: "route", table: 2, destination: cidr4("0.0.0.0/0"), gateway: ipv4("10.0.0.1"), link: "left", scope: "global" },
    { kind: "route", table: 10_101, destination: cidr4("10.9.0.0/16"), link: "left", scope: "link", source: ipv4("10.0.0.20") },
    { kind: "rule", priority: 1536, table: 2, from: cidr4("10.0.0.64/32") },
    { kind: "rule", priority: 1024, table: 254, mark: { value: 0x80, mask: 0x80 } },
    { kind: "rule", priority: 10, table: 101, inputLink: "left", to: cidr4("10.0.0.0/16") },
    { kind: "neighbour", link: "left", address: ipv4("169.254.1.1"), mac: parseMac("02:00:00:00:00:0c") ?? fail() },
  ];

  function all(): readonly PlacedItem[] {
    return [...a.addresses("left"), ...a.routes(), ...a.rules(), ...a.neighbours()];
  }

  test("what is put is found, twice is once, and removing brings back what was", () => {
    pair();
    const before = all();
    for (let times = 0; times < 2; times++) for (const item of items) a.put(item);
    const put = all();
    expect(put).toHaveLength(before.length + items.length);
    for (const item of items) expect(put).toContainEqual(item);
    for (const item of items.toReversed()) expect(a.remove(item)).toBe(true);
    expect(all()).toEqual(before);
    for (const item of items) expect(a.remove(item)).toBe(false);
  });

  test("a route in the same place is replaced", () => {
    pair();
    const destination = cidr4("10.9.0.0/16");
    a.put({ kind: "route", table: 2, destination, link: "lo", scope: "link" });
    a.put({ kind: "route", table: 2, destination, link: "left", scope: "link" });
    expect(a.routes(2)).toEqual([{ kind: "route", table: 2, destination, link: "left", scope: "link" }]);
  });

  test("refusals name the item", () => {
    pair();
    const byNobody: PlacedItem = {
      kind: "route",
      table: 254,
      destination: cidr4("10.7.0.0/16"),
      gateway: ipv4("10.99.0.1"),
      link: "left",
      scope: "global",
    };
    expect(() => a.put(byNobody)).toThrow(
      "the kernel answered ENETUNREACH adding route 10.7.0.0/16 via 10.99.0.1 dev left table main (Nexthop has invalid gateway)",
    );
    expect(() => a.put({ ...byNobody, link: "nosuch" })).toThrow(
      "ENODEV adding route 10.7.0.0/16 via 10.99.0.1 dev nosuch table main (no link nosuch)",
    );
    expect(a.remove({ ...byNobody, link: "nosuch" })).toBe(false);
  });

  test("a dump longer than one datagram is whole", () => {
    pair();
    const count = 1500;
    for (let i = 0; i < count; i++) {
      a.put({ kind: "route", table: 2, destination: cidr4Of(ipv4FromNumber(ipv4("10.1.0.0") + i), 32), link: "left", scope: "link" });
    }
    expect(new Set(a.routes(2).map((route) => route.destination.base)).size).toBe(count);
  });
});
