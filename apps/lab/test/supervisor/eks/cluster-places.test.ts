import { formatAddress } from "@slash28/address";
import { expect, test } from "vitest";
import { createClusterPlaces, type KeptPlaces } from "../../../src/supervisor/eks/cluster-places.ts";

type Placed = Parameters<ReturnType<typeof createClusterPlaces>["addressOf"]>[0];
const cluster = (issuerId: string, ipFamily: "ipv4" | "ipv6" = "ipv4"): Placed => ({
  issuerId,
  name: issuerId.toLowerCase(),
  network: { ipFamily },
});

test("each cluster has an address of its own; one that was released is given again", () => {
  const places = createClusterPlaces({ saved: undefined, keep: () => undefined });
  const addresses = ["A", "B", "A"].map((id) => formatAddress(places.addressOf(cluster(id))));
  expect(addresses).toEqual(["198.51.100.128", "198.51.100.129", "198.51.100.128"]);
  places.release(cluster("A"));
  expect(formatAddress(places.addressOf(cluster("C")))).toBe("198.51.100.128");
});

test("the next lab finds every cluster where it was", () => {
  const kept: KeptPlaces[] = [];
  const first = createClusterPlaces({ saved: undefined, keep: (value) => void kept.push(value) });
  first.addressOf(cluster("A"));
  first.keepPort(cluster("B"), 40_001);
  const next = createClusterPlaces({ saved: kept.at(-1), keep: () => undefined });
  expect(["B", "A"].map((id) => [formatAddress(next.addressOf(cluster(id))), next.portOf(cluster(id))])).toEqual([
    ["198.51.100.129", 40_001],
    ["198.51.100.128", 0],
  ]);
});

test("an IPv6 cluster's is an IPv6 address, also where an earlier lab gave it another; its port stays", () => {
  const saved = { A: { address: "198.51.100.128", port: 40_001 } };
  const places = createClusterPlaces({ saved, keep: () => undefined });
  expect(["A", "B"].map((id) => formatAddress(places.addressOf(cluster(id, "ipv6"))))).toEqual([
    "2001:db8:51:101::80",
    "2001:db8:51:101::81",
  ]);
  expect(places.portOf(cluster("A"))).toBe(40_001);
  expect(formatAddress(places.addressOf(cluster("C")))).toBe("198.51.100.128");
});

test("a cluster too many is told so", () => {
  const places = createClusterPlaces({ saved: undefined, keep: () => undefined });
  for (let count = 0; count < 128; count++) places.addressOf(cluster(`${count}`));
  expect(() => places.addressOf(cluster("LAST"))).toThrow("last gets no endpoint: all 128 addresses are taken");
});
