import { asId, cidr4, type SubnetId } from "@slash28/address";
import { limitsOf } from "@slash28/limits";
import { describe, expect, test } from "vitest";
import { afterRefusal, blockKindOf, Ledger, NO_REFUSALS, nodeFacts, planPool, type PoolSettings, type ViewOutside } from "../src/index.ts";
import { aLedger, anEni, eniId, GenerousEc2, key, node, pods, settings, settlePool, SUBNET, T0 } from "./a-node.ts";

const LARGE = node(3, 9, 29);
const PREFIXES: Partial<PoolSettings> = { prefixDelegation: true, warmPrefixTarget: 1 };

function plan(ledger: Ledger, over: Partial<PoolSettings>, outside: ViewOutside = {}, now = T0, facts = LARGE) {
  return planPool(ledger.view(outside, now), settings(over), facts, now);
}

/** A pool that was filled and then settled, and may be planned again later. */
function aPool(over: Partial<PoolSettings>, podCount: number, facts = LARGE) {
  const set = settings(over);
  const ledger = new Ledger({ kind: blockKindOf(set, facts), cooldownMs: set.cooldownMs });
  const ec2 = new GenerousEc2(ledger, set.customNetworking);
  const settle = (now: number, change: Partial<PoolSettings> = {}, waiting = pods(0)) =>
    settlePool(ledger, ec2, { settings: { ...set, ...change }, node: facts, now, waiting });
  settle(T0, {}, pods(podCount));
  return { ledger, ec2, settle };
}

/** `10.0.0.20/32` and so on. */
function singles(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `10.0.0.${20 + n}/32`);
}

describe("growing", () => {
  test("an empty node fills its primary ENI first", () => {
    expect(plan(aLedger("address"), {})).toEqual({ kind: "assign-addresses", eni: "eni-0", count: 9, why: "below-warm-eni-target" });
    expect(plan(aLedger("prefix"), PREFIXES)).toEqual({ kind: "assign-prefixes", eni: "eni-0", count: 1, why: "below-warm-prefix-target" });
    expect(plan(aLedger("address"), { warmIpTarget: 2 })).toMatchObject({ count: 2, why: "below-warm-ip-target" });
    expect(plan(aLedger("address"), { minimumIpTarget: 4 })).toMatchObject({ count: 4, why: "below-minimum-ip-target" });
  });

  test("a full primary ENI calls for another, which brings what is missing", () => {
    expect(plan(aLedger("address", singles(9)), { warmIpTarget: 12 })).toEqual({
      kind: "create-eni",
      carry: { kind: "addresses", count: 3 },
      why: "below-warm-ip-target",
    });
  });

  test("the ENI with fewest slots left is filled first", () => {
    const ledger = aLedger("address", singles(3));
    ledger.addEni(anEni(1), T0);
    for (const range of ["10.0.1.1/32", "10.0.1.2/32", "10.0.1.3/32", "10.0.1.4/32"]) ledger.addBlock(eniId(1), cidr4(range), T0);
    expect(plan(ledger, { warmIpTarget: 9 })).toMatchObject({ eni: "eni-1", count: 2 });
  });

  test("pods that wait are demand on top of the targets, and named as the reason", () => {
    const ledger = aLedger("address", singles(1));
    expect(plan(ledger, { warmIpTarget: 1 }, { waiting: 4 })).toMatchObject({ count: 4, why: "pods-waiting" });
  });

  test("MAX_ENI, reserved ENIs and the type bound the number of ENIs", () => {
    const full = () => aLedger("address", singles(9));
    expect(plan(full(), { warmEniTarget: 2, maxEni: 1 })).toEqual({ kind: "idle", why: "instance-full" });
    expect(plan(full(), { warmEniTarget: 2, maxEni: 99 })).toMatchObject({ kind: "create-eni" });
    expect(plan(full(), { warmEniTarget: 2 }, {}, T0, { ...LARGE, reservedEnis: 2 })).toEqual({ kind: "idle", why: "instance-full" });
  });

  test("no more is held than max pods can use", () => {
    expect(plan(aLedger("address"), {}, {}, T0, node(3, 9, 4))).toMatchObject({ kind: "assign-addresses", count: 4 });
    expect(plan(aLedger("address", singles(4)), {}, {}, T0, node(3, 9, 4))).toEqual({ kind: "idle", why: "max-pods-reached" });
    expect(plan(aLedger("prefix"), { ...PREFIXES, warmPrefixTarget: 5 }, {}, T0, node(3, 9, 29))).toMatchObject({ count: 2 });
  });

  test("a pod that waits is served beyond max pods: kubelet admitted it", () => {
    expect(plan(aLedger("address", singles(4)), { warmIpTarget: 3 }, { waiting: 6 }, T0, node(3, 9, 4))).toMatchObject({ count: 2 });
  });

  test("addresses at rest are not available: a burst of short pods makes the pool grow (upstream starves)", () => {
    const { ledger, settle } = aPool({ warmIpTarget: 2 }, 4);
    for (const pod of pods(4)) ledger.release(pod, T0 + 1);
    expect(ledger.counts(T0 + 1)).toEqual({ held: 6, assigned: 0, cooling: 4, free: 2 });
    const after = settle(T0 + 2, {}, [key("a"), key("b"), key("c")]);
    expect(after.waiting).toEqual([]);
    expect(ledger.counts(T0 + 2)).toEqual({ held: 9, assigned: 3, cooling: 4, free: 2 });
  });

  test("addresses at rest do not count towards max pods", () => {
    const ledger = aLedger("address", singles(4));
    for (const pod of pods(4)) ledger.reserve(pod, undefined, T0);
    for (const pod of pods(4)) ledger.release(pod, T0);
    expect(plan(ledger, { warmIpTarget: 2 }, {}, T0, node(3, 9, 4))).toMatchObject({ kind: "assign-addresses", count: 2 });
  });

  test("a full node with pods waiting looks again when the next address has rested", () => {
    const ledger = aLedger("address", singles(2));
    for (const n of [1, 2]) ledger.reserve(key(n), undefined, T0);
    ledger.release(key(1), T0 + 500);
    expect(plan(ledger, {}, { waiting: 1 }, T0 + 1000, node(1, 2, 4))).toEqual({
      kind: "idle",
      why: "instance-full",
      recheckAt: T0 + 30_500,
    });
  });

  test("a frozen pool does nothing", () => {
    expect(plan(aLedger("address"), {}, { frozen: "node-unschedulable" })).toEqual({ kind: "idle", why: "node-unschedulable" });
  });

  test("a type of one ENI and two addresses still serves one pod", () => {
    const { ledger } = aPool({}, 3, node(1, 1, 4));
    expect(ledger.counts(T0)).toEqual({ held: 1, assigned: 1, cooling: 0, free: 0 });
  });
});

describe("a subnet that cannot give", () => {
  const refuse = (why: "subnet-full" | "subnet-fragmented", scope: SubnetId | "new-eni" = SUBNET) =>
    afterRefusal(NO_REFUSALS, { scope, of: why === "subnet-full" ? "address" : "prefix", why, asked: 1 }, 0, T0);

  test("is left alone until its back-off ends, and the reason is told", () => {
    const outside = { capacity: [...refuse("subnet-full"), ...refuse("subnet-full", "new-eni")] };
    expect(plan(aLedger("address"), {}, outside)).toEqual({ kind: "idle", why: "subnet-full", recheckAt: T0 + 120_000 });
    expect(plan(aLedger("address"), {}, outside, T0 + 120_000)).toMatchObject({ kind: "assign-addresses" });
  });

  test("a new ENI is still tried, unless all the subnets it could be made in refuse", () => {
    const outside = { capacity: refuse("subnet-full") };
    expect(plan(aLedger("address"), {}, outside)).toMatchObject({ kind: "create-eni" });
    const facts = { ...LARGE, newEniSubnets: [SUBNET] };
    expect(plan(aLedger("address"), {}, outside, T0, facts)).toEqual({ kind: "idle", why: "subnet-full", recheckAt: T0 + 120_000 });
    const two = { ...LARGE, newEniSubnets: [SUBNET, asId<SubnetId>("subnet-2")] };
    expect(plan(aLedger("address"), {}, outside, T0, two)).toMatchObject({ kind: "create-eni" });
  });

  test("a refused request for nine is halved: EC2 gives all or nothing", () => {
    const capacity = afterRefusal(NO_REFUSALS, { scope: SUBNET, of: "address", why: "subnet-full", asked: 9 }, 0, T0);
    expect(plan(aLedger("address"), {}, { capacity })).toMatchObject({ kind: "assign-addresses", count: 4 });
  });

  test("giving back goes on meanwhile", () => {
    const ledger = aLedger("address", ["10.0.0.16/28"]);
    const capacity = [...refuse("subnet-full"), ...refuse("subnet-full", "new-eni")];
    expect(plan(ledger, {}, { capacity })).toMatchObject({ kind: "unassign", why: "other-mode" });
  });
});

describe("giving back", () => {
  test("WARM_IP_TARGET=2 MINIMUM_IP_TARGET=4 after WARM_ENI_TARGET=1: idle addresses and the spare ENI go", () => {
    const { ledger, settle } = aPool({}, 5, nodeFacts(limitsOf("m5.xlarge") ?? raise(), 58));
    expect([ledger.enis().length, ledger.counts(T0).held]).toEqual([2, 28]);
    settle(T0 + 120_000, { warmIpTarget: 2, warmEniTarget: 0, minimumIpTarget: 4 });
    expect([ledger.enis().length, ledger.counts(T0).held, ledger.counts(T0).assigned]).toEqual([1, 7, 5]);
  });

  test("WARM_IP_TARGET=5 MINIMUM_IP_TARGET=10 with prefixes: whole prefixes, WARM_PREFIX_TARGET ignored", () => {
    const targets = { prefixDelegation: true, warmPrefixTarget: 3, warmIpTarget: 5, minimumIpTarget: 10 };
    expect([0, 11, 12, 27, 28].map((n) => aPool(targets, n, node(3, 9, 110)).ledger.counts(T0).held)).toEqual([16, 16, 32, 32, 48]);
  });

  test("a surplus goes only after it lasted: steady churn asks nothing of EC2", () => {
    const { ledger, settle } = aPool({ warmIpTarget: 3 }, 6);
    for (let second = 1; second < 600; second += 5) {
      const now = T0 + second * 1000;
      ledger.release(key(Math.floor(second / 5) % 6), now);
      const steps = settle(now, {}, [key(Math.floor(second / 5) % 6)]).steps;
      if (second > 60) expect(steps).toEqual([]);
    }
  });

  test("bursts that return within the half minute ask nothing of EC2 either, once the pool has met them", () => {
    const { ledger, settle } = aPool({ warmIpTarget: 3 }, 4);
    for (let second = 1; second < 400; second++) {
      const now = T0 + second * 1000;
      const isBurst = second % 20 === 0;
      if (isBurst) for (const pod of pods(4)) ledger.release(pod, now);
      const { steps } = settle(now, {}, isBurst ? pods(4) : []);
      if (second > 60) expect(steps).toEqual([]);
    }
  });

  test("the surplus names when to look again", () => {
    const { ledger } = aPool({ warmIpTarget: 2 }, 6);
    for (const pod of pods(6)) ledger.release(pod, T0 + 1000);
    const now = T0 + 1000;
    expect(plan(ledger, { warmIpTarget: 2 }, {}, now)).toEqual({ kind: "idle", why: "surplus-resting", recheckAt: T0 + 15_000 });
    expect(plan(ledger, { warmIpTarget: 2 }, {}, T0 + 120_000)).toMatchObject({ kind: "unassign", why: "above-warm-target" });
  });

  test("an ENI goes when the rest meets the targets, but not while young, primary, trunk, or in use", () => {
    const ledger = aLedger("address", singles(9));
    ledger.addEni(anEni(1), T0);
    ledger.addBlock(eniId(1), cidr4("10.0.1.1/32"), T0);
    expect(plan(ledger, {}, {}, T0 + 59_999)).toEqual({ kind: "idle", why: "surplus-resting", recheckAt: T0 + 60_000 });
    expect(plan(ledger, {}, {}, T0 + 60_000)).toEqual({ kind: "release-eni", eni: "eni-1", why: "not-needed" });
    ledger.addEni(anEni(1, { role: "efa" }), T0);
    expect(plan(ledger, {}, {}, T0 + 60_000)).toEqual({ kind: "idle", why: "at-target" });
  });

  test("nobody's address is given back, nor one at rest", () => {
    const { ledger, settle } = aPool({ warmIpTarget: 20 }, 7);
    const held = ledger.reservations().map((one) => one.address);
    ledger.release(key(0), T0 + 119_000);
    settle(T0 + 120_000, { warmIpTarget: 1 });
    expect(ledger.counts(T0 + 120_000)).toMatchObject({ assigned: 6, cooling: 1 });
    expect(ledger.reservations().map((one) => one.address)).toEqual(held.slice(1));
  });

  test("what is held above max pods goes back, whatever the warm target", () => {
    const ledger = aLedger("address", singles(9));
    expect(plan(ledger, {}, {}, T0, node(3, 9, 5))).toMatchObject({ kind: "unassign", why: "above-max-pods", addresses: { length: 4 } });
  });
});

describe("prefixes switched on or off under running pods", () => {
  test("on: unused addresses make room, pods keep theirs, new pods come from prefixes", () => {
    const before = aPool({}, 5);
    const ledger = new Ledger({ kind: "prefix", cooldownMs: 30_000 });
    const ec2 = new GenerousEc2(ledger);
    for (const block of before.ledger.eni(eniId(0))?.blocks.values() ?? []) ledger.addBlock(eniId(0), block.cidr, T0);
    for (const held of before.ledger.reservations()) ledger.place(held);
    const pool = { settings: settings(PREFIXES), node: node(3, 9, 110), now: T0 };
    const settled = settlePool(ledger, ec2, pool);
    expect(settled.steps).toEqual([
      { kind: "unassign", eni: "eni-0", addresses: expect.objectContaining({ length: 4 }) as unknown, prefixes: [], why: "other-mode" },
      { kind: "assign-prefixes", eni: "eni-0", count: 1, why: "below-warm-prefix-target" },
    ]);
    expect(ledger.reservations()).toEqual(before.ledger.reservations());
    expect(ledger.view({}, T0)).toMatchObject({ current: { held: 16 }, leftover: { held: 5, assigned: 5 } });
    settlePool(ledger, ec2, { ...pool, waiting: [key("new")] });
    expect(ledger.slotOf(ledger.reservationOf(key("new"))?.address ?? raise())?.block.kind).toBe("prefix");
    for (const pod of pods(5)) ledger.release(pod, T0);
    settlePool(ledger, ec2, { ...pool, now: T0 + 60_000 });
    expect(ledger.view({}, T0 + 60_000).leftover.held).toBe(0);
  });

  test("off: free prefixes go back, those with pods stay", () => {
    const ledger = aLedger("address", ["10.0.0.16/28", "10.0.0.32/28"]);
    ledger.reserve(key(1), undefined, T0);
    const now = T0 + 1;
    expect(plan(ledger, { warmIpTarget: 1 }, {}, now)).toMatchObject({ kind: "assign-addresses", count: 1 });
    ledger.addBlock(eniId(0), cidr4("10.0.0.77/32"), now);
    expect(plan(ledger, { warmIpTarget: 1 }, {}, now)).toMatchObject({
      kind: "unassign",
      prefixes: [cidr4("10.0.0.32/28")],
      why: "other-mode",
    });
  });

  test("Xen holds no prefixes: single addresses instead", () => {
    const xen = nodeFacts(limitsOf("m4.large") ?? raise(), 20);
    expect(blockKindOf(settings(PREFIXES), xen)).toBe("address");
    expect(blockKindOf(settings(PREFIXES), nodeFacts(limitsOf("m5.metal") ?? raise(), 250))).toBe("prefix");
  });
});

describe("custom networking", () => {
  test("the primary ENI takes no pods: what it has unused goes back", () => {
    const ledger = new Ledger({ kind: "address", cooldownMs: 30_000 });
    ledger.addEni(anEni(0, { takesPods: false }), T0);
    ledger.addBlock(eniId(0), cidr4("10.0.0.20/32"), T0);
    expect(plan(ledger, { customNetworking: true })).toMatchObject({ kind: "unassign", eni: "eni-0", why: "eni-takes-no-pods" });
  });

  test("an ENI in an excluded subnet goes once its pods are gone", () => {
    const ledger = aLedger("address", singles(9));
    ledger.addEni(anEni(1, { takesPods: false }), T0);
    expect(plan(ledger, { warmIpTarget: 2, minimumIpTarget: 9 }, {}, T0 + 60_000)).toEqual({
      kind: "release-eni",
      eni: "eni-1",
      why: "eni-takes-no-pods",
    });
  });
});

function raise(): never {
  throw new Error("the test's premise is wrong");
}
