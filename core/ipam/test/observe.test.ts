import { asId, cidr4, ipv4, type SubnetId } from "@slash28/address";
import { describe, expect, test } from "vitest";
import {
  EC2_LAG_MS,
  isManagedEni,
  Ledger,
  METADATA_LAG_MS,
  observe,
  observedEni,
  type Observation,
  type ObservedEni,
} from "../src/index.ts";
import { anEni, eniId, key, SUBNET, T0 } from "./a-node.ts";

function seen(index: number, addresses: readonly string[], prefixes: readonly string[] = [], over: Partial<ObservedEni> = {}): ObservedEni {
  const { id, mac, subnetId, deviceIndex, networkCard, primaryAddress } = anEni(index);
  return {
    id,
    mac,
    subnetId,
    deviceIndex,
    networkCard,
    primaryAddress,
    addresses: addresses.map(ipv4),
    prefixes: prefixes.map((text) => cidr4(text)),
    ...over,
  };
}

const POLICY = { customNetworking: false };
const OLD = T0 + EC2_LAG_MS;

function take(ledger: Ledger, source: Observation["source"], enis: readonly ObservedEni[], now: number, asked?: Observation["asked"]) {
  return observe(ledger, { source, enis, ...(asked === undefined ? {} : { asked }) }, POLICY, now);
}

/** A ledger that saw one ENI with two addresses; a pod has the first. */
function busy(): Ledger {
  const ledger = new Ledger({ kind: "address", cooldownMs: 30_000 });
  take(ledger, "ec2", [seen(0, ["10.0.0.20", "10.0.0.21"])], T0);
  ledger.reserve(key(1), undefined, T0);
  return ledger;
}

const NOTHING = { newEnis: [], added: [], dropped: [], goneEnis: [], lost: [], unconfirmed: [] };

test("a new ENI is taken over with its addresses and prefixes, without its primary address", () => {
  const ledger = new Ledger({ kind: "address", cooldownMs: 30_000 });
  const first = take(ledger, "metadata", [seen(0, ["10.0.0.4", "10.0.0.20"], ["10.0.0.32/28"])], T0);
  expect(first).toEqual({ ...NOTHING, newEnis: ["eni-0"], added: [cidr4("10.0.0.20/32"), cidr4("10.0.0.32/28")] });
  expect(ledger.counts(T0).held).toBe(17);
  expect(take(ledger, "metadata", [seen(0, ["10.0.0.4", "10.0.0.20"], ["10.0.0.32/28"])], T0 + 1)).toEqual(NOTHING);
});

describe("what is missing", () => {
  test("from the metadata service is only a question", () => {
    const ledger = busy();
    expect(take(ledger, "metadata", [seen(0, [])], OLD)).toEqual({ ...NOTHING, unconfirmed: ["eni-0"] });
    expect(take(ledger, "metadata", [], OLD)).toEqual({ ...NOTHING, unconfirmed: ["eni-0"] });
    expect(ledger.counts(OLD)).toMatchObject({ held: 2, assigned: 1 });
  });

  test("at EC2 goes, unless a pod holds it: that one stays and is told", () => {
    const ledger = busy();
    const observed = take(ledger, "ec2", [seen(0, [])], OLD);
    expect(observed.dropped).toEqual([cidr4("10.0.0.21/32")]);
    expect(observed.lost.map((held) => held.key)).toEqual([key(1)]);
    expect(ledger.reservationOf(key(1))?.address).toBe(ipv4("10.0.0.20"));
    expect(ledger.view({}, OLD).enis[0]?.slotsUsed).toBe(0);
    ledger.release(key(1), OLD);
    expect(ledger.reserve(key(2), undefined, OLD + 30_000).kind).toBe("no-free-address");
    expect(ledger.eni(eniId(0))?.blocks.size).toBe(0);
  });

  test("and comes back is used again", () => {
    const ledger = busy();
    take(ledger, "ec2", [seen(0, [])], OLD);
    take(ledger, "ec2", [seen(0, ["10.0.0.20", "10.0.0.21"])], OLD + EC2_LAG_MS);
    expect(ledger.counts(OLD + EC2_LAG_MS)).toEqual({ held: 2, assigned: 1, cooling: 0, free: 1 });
  });

  test("so soon after it was assigned that EC2 may not know it, stays", () => {
    const ledger = busy();
    expect(take(ledger, "ec2", [seen(0, [])], OLD - 1)).toEqual(NOTHING);
  });

  test("an ENI goes whole, or stays for its pods", () => {
    const ledger = busy();
    take(ledger, "ec2", [seen(0, ["10.0.0.20", "10.0.0.21"]), seen(1, ["10.0.1.20"])], T0);
    const observed = take(ledger, "ec2", [], OLD);
    expect([observed.goneEnis, observed.lost.length]).toEqual([["eni-1"], 1]);
    expect(ledger.enis().map((eni) => eni.facts.id)).toEqual(["eni-0"]);
  });

  test("an ENI that is gone under its pods gives nothing, grows no more, and is used again when it comes back", () => {
    const ledger = busy();
    take(ledger, "ec2", [], OLD);
    expect(ledger.view({}, OLD)).toMatchObject({ enis: [], current: { held: 1, assigned: 1, free: 0 } });
    expect(take(ledger, "metadata", [], OLD + 1).unconfirmed).toEqual([]);
    const back = seen(0, ["10.0.0.20", "10.0.0.21"]);
    expect(take(ledger, "metadata", [back], OLD + 2).unconfirmed).toEqual(["eni-0"]);
    expect(take(ledger, "ec2", [back], OLD + EC2_LAG_MS).newEnis).toEqual(["eni-0"]);
    expect(ledger.reserve(key(2), undefined, OLD + EC2_LAG_MS)).toMatchObject({ reservation: { address: ipv4("10.0.0.21") } });
    take(ledger, "ec2", [], OLD + 30_000);
    for (const n of [1, 2]) ledger.release(key(n), OLD + 30_000);
    expect(take(ledger, "metadata", [], OLD + 30_001).unconfirmed).toEqual(["eni-0"]);
    expect(take(ledger, "ec2", [], OLD + 30_002).goneEnis).toEqual(["eni-0"]);
  });

  test("a pod's address that EC2 gives to another ENI fills a slot there, and is of use once the pod is gone", () => {
    const ledger = busy();
    const moved = [seen(0, ["10.0.0.21"]), seen(1, ["10.0.0.20", "10.0.0.30"])];
    take(ledger, "ec2", moved, OLD);
    expect(ledger.view({}, OLD).enis.map((eni) => eni.slotsUsed)).toEqual([1, 2]);
    expect(take(ledger, "ec2", moved, OLD + 1).added).toEqual([]);
    const left = [seen(0, ["10.0.0.21"]), seen(1, ["10.0.0.30"])];
    expect(take(ledger, "metadata", left, OLD + 2).unconfirmed).toContain("eni-1");
    take(ledger, "ec2", left, OLD + 2);
    expect(ledger.view({}, OLD + 2).enis.map((eni) => eni.slotsUsed)).toEqual([1, 1]);
    take(ledger, "ec2", moved, OLD + 3);
    ledger.release(key(1), OLD + 3);
    const later = OLD + 4 + EC2_LAG_MS;
    expect(take(ledger, "ec2", moved, later).added).toEqual([cidr4("10.0.0.20/32")]);
    expect(ledger.view({}, later).enis.map((eni) => eni.slotsUsed)).toEqual([1, 2]);
  });

  test("from an answer about other ENIs means nothing", () => {
    const ledger = busy();
    take(ledger, "ec2", [seen(1, ["10.0.1.20"])], T0, [eniId(1)]);
    expect(take(ledger, "ec2", [seen(1, ["10.0.1.20"])], OLD, [eniId(1)])).toEqual(NOTHING);
    expect(ledger.enis()).toHaveLength(2);
  });
});

test("an address handed back a moment ago and still shown is not taken over again", () => {
  const ledger = busy();
  ledger.dropBlock(eniId(0), cidr4("10.0.0.21/32"), T0 + 1000);
  const shown = [seen(0, ["10.0.0.20", "10.0.0.21"])];
  expect(take(ledger, "metadata", shown, T0 + 999 + METADATA_LAG_MS).added).toEqual([]);
  expect(take(ledger, "ec2", shown, T0 + 1000 + EC2_LAG_MS).added).toEqual([cidr4("10.0.0.21/32")]);
});

test("trunk, excluded subnet and custom networking keep pods away; branch and EFA-only ENIs are not the pool's", () => {
  const ledger = new Ledger({ kind: "address", cooldownMs: 30_000 });
  const other = asId<SubnetId>("subnet-2");
  const enis = [
    seen(0, []),
    seen(1, [], [], { kind: "trunk" }),
    seen(2, [], [], { subnetId: other }),
    seen(3, []),
    seen(4, [], [], { kind: "efa" }),
    seen(5, [], [], { kind: "efa-only" }),
    seen(6, [], [], { kind: "branch" }),
  ];
  observe(ledger, { source: "ec2", enis }, { customNetworking: true, excludedSubnets: new Set([other]) }, T0);
  expect(ledger.enis().map(({ facts }) => [facts.id, facts.role, facts.takesPods])).toEqual([
    ["eni-0", "interface", false],
    ["eni-1", "trunk", false],
    ["eni-2", "interface", false],
    ["eni-3", "interface", true],
    ["eni-4", "efa", true],
  ]);
  observe(ledger, { source: "metadata", enis: [seen(1, [])] }, POLICY, T0);
  expect(ledger.eni(eniId(1))?.facts.role).toBe("trunk");
});

test("EC2's ENI in the port's shape is an observation once it is attached", () => {
  const { deviceIndex, networkCard, ...eni } = seen(1, ["10.0.1.20"], [], { kind: "interface" });
  expect(observedEni(eni)).toBeUndefined();
  expect(observedEni({ ...eni, attachment: { deviceIndex, networkCard } })).toEqual({ ...eni, deviceIndex, networkCard });
  expect(eni.subnetId).toBe(SUBNET);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ "node.k8s.amazonaws.com/instance_id": "i-1" }, false, true],
  [{ "node.k8s.amazonaws.com/instance_id": "i-2" }, false, false],
  [{ "node.k8s.amazonaws.com/instance_id": "i-2" }, true, true],
  [{ "node.k8s.amazonaws.com/no_manage": "true" }, true, false],
  [{ "node.k8s.amazonaws.com/no_manage": "false" }, false, true],
  [{ "node.k8s.amazonaws.com/no_manage": "true", "node.k8s.amazonaws.com/instance_id": "i-1" }, true, false],
])("an ENI with tags %j, untagged ones managed: %s, is managed: %s", (tags: Record<string, string>, manageUntagged, expected) => {
  expect(isManagedEni({ tags, isPrimary: false }, "i-1", manageUntagged)).toBe(expected);
  expect(isManagedEni({ tags, isPrimary: true }, "i-1", manageUntagged)).toBe(true);
});
