import { cidr4, cidr4Of, ipv4, offsetIpv4, type Ipv4 } from "@slash28/address";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterRefusal,
  afterSuccess,
  NO_REFUSALS,
  planPool,
  type BlockKind,
  type Capacity,
  type Ledger,
  type PoolPlan,
  type PoolSettings,
  type RefusedScope,
} from "../src/index.ts";
import { aLedger, anEni, eniId, key, node, pods, settings, SUBNET, T0 } from "./a-node.ts";

const PREFIXES: Partial<PoolSettings> = { prefixDelegation: true, warmPrefixTarget: 1 };
const LARGE = { ...node(3, 9, 110), newEniSubnets: [SUBNET] };

/** A subnet of single addresses whose free /28 blocks come and go, as EC2 answers for it: all or nothing. */
class FragmentedSubnet {
  freePrefixes = 0;
  freeAddresses = 200;
  capacity: Capacity = NO_REFUSALS;
  why: RefusedScope["why"] = "subnet-fragmented";
  readonly asked: string[] = [];
  readonly #ledger: Ledger;
  #next: Ipv4 = ipv4("10.0.64.0");

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  carryOut(plan: PoolPlan, now: number): void {
    switch (plan.kind) {
      case "idle":
        return;
      case "assign-addresses":
      case "assign-prefixes": {
        const of = plan.kind === "assign-prefixes" ? "prefix" : "address";
        this.asked.push(`${plan.count} of ${of}`);
        if (this.#gives(of, plan.count, now)) this.#fill(plan.eni, of, plan.count, now);
        return;
      }
      case "create-eni": {
        const of = plan.carry.kind === "prefixes" ? "prefix" : "address";
        this.asked.push(`ENI with ${plan.carry.count} of ${of}`);
        if (!this.#givesEni(of, plan.carry.count, now)) return;
        const index = Math.max(...this.#ledger.enis().map((eni) => eni.facts.deviceIndex)) + 1;
        this.#ledger.addEni(anEni(index), now);
        return this.#fill(eniId(index), of, plan.carry.count, now);
      }
      case "unassign": {
        const cidrs = [...plan.addresses.map((address) => cidr4Of(address, 32)), ...plan.prefixes];
        if (this.#ledger.withdraw(plan.eni, cidrs, now).length !== cidrs.length) throw new Error("planned to unassign what is in use");
        for (const cidr of cidrs) this.#ledger.dropBlock(plan.eni, cidr, now);
        this.freeAddresses += plan.addresses.length;
        this.freePrefixes += plan.prefixes.length;
        return;
      }
      case "release-eni": {
        const blocks = [...(this.#ledger.eni(plan.eni)?.blocks.values() ?? [])];
        this.freeAddresses += blocks.filter((block) => block.kind === "address").length;
        this.freePrefixes += blocks.filter((block) => block.kind === "prefix").length;
        if (!this.#ledger.withdrawEni(plan.eni, now)) throw new Error("planned to release an ENI in use");
        this.#ledger.dropEni(plan.eni, now);
        return;
      }
      default:
        plan satisfies never;
    }
  }

  /** Plans and carries out until the pool rests; gives up loudly. */
  settle(set: Partial<PoolSettings>, now: number, waiting: readonly string[] = [], facts = LARGE): PoolPlan {
    let left = [...waiting];
    for (let i = 0; i < 300; i++) {
      left = left.filter((name) => this.#ledger.reserve(key(name), undefined, now).kind !== "reserved");
      const view = this.#ledger.view({ waiting: left.length, capacity: this.capacity }, now);
      const plan = planPool(view, settings(set), facts, now);
      if (plan.kind === "idle") return plan;
      this.carryOut(plan, now);
    }
    throw new Error(`no rest: ${this.asked.slice(-6).join(", ")}`);
  }

  /** An ENI takes an address for itself too. */
  #givesEni(of: BlockKind, count: number, now: number): boolean {
    const own = 1;
    if (of === "address" && count + own > this.freeAddresses) {
      this.capacity = afterRefusal(this.capacity, { scope: SUBNET, of, why: "subnet-full", asked: count }, 0, now);
      return false;
    }
    return this.#gives(of, count, now);
  }

  #gives(of: BlockKind, count: number, now: number): boolean {
    const free = of === "prefix" ? this.freePrefixes : this.freeAddresses;
    if (count > free) {
      const why = of === "prefix" ? this.why : "subnet-full";
      this.capacity = afterRefusal(this.capacity, { scope: SUBNET, of, why, asked: count }, 0, now);
      return false;
    }
    if (of === "prefix") this.freePrefixes -= count;
    else this.freeAddresses -= count;
    this.capacity = afterSuccess(this.capacity, SUBNET, of);
    return true;
  }

  #fill(eni: ReturnType<typeof eniId>, of: BlockKind, count: number, now: number): void {
    for (let i = 0; i < count; i++) {
      this.#next = offsetIpv4(this.#next, 16);
      if (!this.#ledger.addBlock(eni, cidr4Of(this.#next, of === "prefix" ? 28 : 32), now)) throw new Error("added a known block");
    }
  }
}

function aFragmentedNode() {
  const ledger = aLedger("prefix");
  return { ledger, subnet: new FragmentedSubnet(ledger) };
}

describe("a subnet without a free /28", () => {
  test("gives single addresses to the same ENI, for the demand and the warm target (upstream leaves the pods waiting)", () => {
    const { ledger, subnet } = aFragmentedNode();
    const last = subnet.settle({ prefixDelegation: true, warmIpTarget: 2 }, T0, ["a", "b", "c"]);
    expect(subnet.asked).toEqual(["1 of prefix", "5 of address"]);
    expect(ledger.counts(T0)).toMatchObject({ assigned: 3, free: 2 });
    expect(last).toEqual({ kind: "idle", why: "subnet-fragmented", recheckAt: T0 + 120_000 });
  });

  test.each(["subnet-fragmented", "subnet-full"] as const)("does so when EC2 says %s to the request for a prefix", (why) => {
    const { ledger, subnet } = aFragmentedNode();
    subnet.why = why;
    subnet.settle(PREFIXES, T0, ["a"]);
    expect(ledger.reservationOf(key("a"))).toBeDefined();
  });

  test("is asked for a prefix again when the back-off ends; then unused single addresses go, and running pods keep theirs", () => {
    const { ledger, subnet } = aFragmentedNode();
    const set = { prefixDelegation: true, warmIpTarget: 2 };
    subnet.settle(set, T0, ["a", "b"]);
    const held = ledger.reservations();
    subnet.settle(set, T0 + 119_000);
    expect(subnet.asked).toHaveLength(2);
    subnet.settle(set, T0 + 120_000);
    expect(subnet.asked.slice(2)).toEqual(["1 of prefix"]);
    subnet.freePrefixes = 1;
    subnet.settle(set, T0 + 240_000, ["c"]);
    expect(subnet.capacity).toEqual(NO_REFUSALS);
    expect(ledger.view({}, T0 + 240_000)).toMatchObject({ current: { held: 16, assigned: 0 }, leftover: { held: 3, assigned: 3 } });
    expect(ledger.reservations().slice(0, 2)).toEqual(held);
    subnet.settle(set, T0 + 240_000, ["d"]);
    expect(ledger.slotOf(ledger.reservationOf(key("d"))?.address ?? ipv4("0.0.0.0"))?.block.kind).toBe("prefix");
  });

  test("keeps one slot empty for the prefix that may come, until pods have no other way", () => {
    const { ledger, subnet } = aFragmentedNode();
    const one = { ...node(1, 9, 110), newEniSubnets: [SUBNET] };
    subnet.settle({ prefixDelegation: true, warmIpTarget: 1 }, T0, ["1", "2", "3", "4", "5", "6", "7"], one);
    expect(ledger.eni(eniId(0))?.blocks.size).toBe(8);
    subnet.settle({ prefixDelegation: true, warmIpTarget: 1 }, T0, ["8", "9"], one);
    expect(ledger.eni(eniId(0))?.blocks.size).toBe(9);
    expect(ledger.reservations()).toHaveLength(9);
  });

  test("gives its last address to a pod that waits, though an ENI has one slot left only and another ENI could be had", () => {
    const { ledger, subnet } = aFragmentedNode();
    subnet.freeAddresses = 9;
    for (let n = 1; n <= 9; n++) subnet.settle({ prefixDelegation: true, warmIpTarget: 0 }, T0 + n * 240_000, [`${n}`]);
    expect(ledger.reservations()).toHaveLength(9);
    expect(subnet.freeAddresses).toBe(0);
  });

  test("a new ENI may bring single addresses too", () => {
    const { ledger, subnet } = aFragmentedNode();
    subnet.settle(
      PREFIXES,
      T0,
      pods(12).map((_, n) => `${n}`),
    );
    expect(ledger.reservations()).toHaveLength(12);
    expect(ledger.enis().length).toBeGreaterThan(1);
    expect(subnet.asked.filter((ask) => ask.includes("prefix"))).toEqual(["2 of prefix", "1 of prefix"]);
  });

  test("hands single addresses back that nobody needed for a while, though no prefix came", () => {
    const { ledger, subnet } = aFragmentedNode();
    const set = { prefixDelegation: true, warmIpTarget: 1 };
    subnet.settle(set, T0, ["a", "b", "c", "d"]);
    for (const name of ["a", "b", "c", "d"]) ledger.release(key(name), T0 + 1);
    expect(subnet.settle(set, T0 + 1_000)).toMatchObject({ kind: "idle", recheckAt: T0 + 15_000 });
    subnet.settle(set, T0 + 45_000);
    subnet.settle(set, T0 + 80_000);
    expect(ledger.counts(T0 + 80_000)).toMatchObject({ held: 1, free: 1 });
  });

  test("holds no more than max pods can use", () => {
    const { ledger, subnet } = aFragmentedNode();
    const last = subnet.settle(PREFIXES, T0, ["a"], { ...LARGE, maxPods: 4 });
    expect(ledger.counts(T0)).toMatchObject({ held: 4, assigned: 1 });
    expect(last).toEqual({ kind: "idle", why: "max-pods-reached", recheckAt: T0 + 120_000 });
  });

  test("that is full as well says so", () => {
    const { subnet } = aFragmentedNode();
    subnet.freeAddresses = 0;
    expect(subnet.settle(PREFIXES, T0, ["a"])).toMatchObject({ kind: "idle", recheckAt: T0 + 120_000 });
    expect(subnet.asked.slice(0, 2)).toEqual(["2 of prefix", "1 of prefix"]);
    expect(subnet.asked).toContain("1 of address");
  });

  test("keeps leftover single addresses from before the change of mode in use", () => {
    const ledger = aLedger("prefix", ["10.0.0.20/32", "10.0.0.21/32"]);
    const subnet = new FragmentedSubnet(ledger);
    subnet.settle({ prefixDelegation: true, warmIpTarget: 2 }, T0);
    expect(subnet.asked).toEqual(["1 of prefix"]);
    expect(ledger.eni(eniId(0))?.blocks.has(cidr4("10.0.0.20/32").base)).toBe(true);
  });
});

test("whatever the subnet gives and pods do: plans come to rest, keep to the limits, and no pod waits for want of a /28", () => {
  const round = fc.record({
    come: fc.integer({ min: 0, max: 15 }),
    go: fc.integer({ min: 0, max: 15 }),
    ms: fc.integer({ min: 0, max: 200_000 }),
    freePrefixes: fc.integer({ min: 0, max: 2 }),
  });
  const some = fc.record({
    warmIpTarget: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    minimumIpTarget: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    warmPrefixTarget: fc.integer({ min: 0, max: 2 }),
  });
  const shapes = fc.record({
    enis: fc.integer({ min: 1, max: 4 }),
    usable: fc.integer({ min: 1, max: 9 }),
    maxPods: fc.integer({ min: 4, max: 60 }),
  });
  fc.assert(
    fc.property(some, shapes, fc.array(round, { maxLength: 8 }), (over, { enis, usable, maxPods }, rounds) => {
      const { ledger, subnet } = aFragmentedNode();
      const facts = { ...node(enis, usable, maxPods), newEniSubnets: [SUBNET] };
      const set = { ...over, prefixDelegation: true };
      let now = T0;
      let next = 0;
      for (const { come, go, ms, freePrefixes } of rounds) {
        now += ms;
        subnet.freePrefixes = freePrefixes;
        const before = ledger.reservations();
        const arriving = Array.from({ length: Math.min(come, Math.max(0, maxPods - before.length)) }, () => `${next++}`);
        const last = subnet.settle(set, now, arriving, facts);
        expect(ledger.reservations().slice(0, before.length)).toEqual(before);
        expect(ledger.enis().length).toBeLessThanOrEqual(enis);
        for (const eni of ledger.enis()) expect(eni.blocks.size).toBeLessThanOrEqual(usable);
        const isServed = arriving.every((name) => ledger.reservationOf(key(name)) !== undefined);
        // Beyond the slots of the type nothing helps but prefixes; within them single addresses do.
        if (!isServed)
          expect(
            ledger.enis().reduce((sum, eni) => sum + eni.blocks.size, 0),
            JSON.stringify(last),
          ).toBe(enis * usable);
        for (const one of ledger.reservations().slice(0, go)) ledger.release(one.key, now);
      }
      subnet.freePrefixes = 0;
      for (const pause of [240_000, 60_000, 60_000]) subnet.settle(set, (now += pause), [], facts);
      const spare = ledger
        .enis()
        .flatMap((eni) => [...eni.blocks.values()].filter((block) => block.kind === "address" && block.assigned === 0));
      const byAddress = set.warmIpTarget !== undefined || set.minimumIpTarget !== undefined;
      const wanted = byAddress ? Math.max(set.warmIpTarget ?? 0, set.minimumIpTarget ?? 0) : Math.max(1, 16 * set.warmPrefixTarget);
      if (spare.length > 0) expect(ledger.counts(now).free, "no single address is held beyond the targets").toBeLessThanOrEqual(wanted);
    }),
    { numRuns: 300 },
  );
});
