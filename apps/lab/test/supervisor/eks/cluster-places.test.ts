import { formatIpv4 } from "@slash28/address";
import { expect, test } from "vitest";
import { createClusterPlaces, type KeptPlaces } from "../../../src/supervisor/eks/cluster-places.ts";

const cluster = (issuerId: string): { readonly issuerId: string; readonly name: string } => ({ issuerId, name: issuerId.toLowerCase() });

test("each cluster has an address of its own; one that was released is given again", () => {
  const places = createClusterPlaces({ saved: undefined, keep: () => undefined });
  const addresses = ["A", "B", "A"].map((id) => formatIpv4(places.addressOf(cluster(id))));
  expect(addresses).toEqual(["198.51.100.128", "198.51.100.129", "198.51.100.128"]);
  places.release(cluster("A"));
  expect(formatIpv4(places.addressOf(cluster("C")))).toBe("198.51.100.128");
});

test("the next lab finds every cluster where it was", () => {
  const kept: KeptPlaces[] = [];
  const first = createClusterPlaces({ saved: undefined, keep: (value) => void kept.push(value) });
  first.addressOf(cluster("A"));
  first.keepPort(cluster("B"), 40_001);
  const next = createClusterPlaces({ saved: kept.at(-1), keep: () => undefined });
  expect(["B", "A"].map((id) => [formatIpv4(next.addressOf(cluster(id))), next.portOf(cluster(id))])).toEqual([
    ["198.51.100.129", 40_001],
    ["198.51.100.128", 0],
  ]);
});

test("a cluster too many is told so", () => {
  const places = createClusterPlaces({ saved: undefined, keep: () => undefined });
  for (let count = 0; count < 128; count++) places.addressOf(cluster(`${count}`));
  expect(() => places.addressOf(cluster("LAST"))).toThrow("last gets no endpoint: all 128 addresses are taken");
});
