import { fc } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  blockKindOf,
  Ledger,
  MAY_WAIT_SHARE,
  parseSettings,
  planPool,
  targetsInForce,
  type NodeFacts,
  type PoolSettings,
} from "../src/index.ts";
import { targetsOf } from "../src/warm-targets.ts";
import { GenerousEc2, key, node, settings, settlePool, T0 } from "./a-node.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FACTS = node(4, 14, 58);

/** A node whose pods come and go, with EC2 that gives at once. */
class Day {
  readonly ledger: Ledger;
  readonly ec2: GenerousEc2;
  readonly set: PoolSettings;
  readonly facts: NodeFacts;
  now = T0;
  #next = 0;

  constructor(over: Partial<PoolSettings> = {}, facts = FACTS) {
    this.set = settings({ warmPolicy: "adaptive", ...over });
    this.facts = facts;
    const kind = blockKindOf(this.set, facts);
    this.ledger = new Ledger({ kind, cooldownMs: this.set.cooldownMs, remembersDemand: this.set.warmPolicy === "adaptive" });
    this.ec2 = new GenerousEc2(this.ledger);
    this.rest(0);
  }

  /** So many pods at once; how many found no free address. */
  come(pods: number): number {
    const keys = Array.from({ length: pods }, () => key(this.#next++));
    const missed = keys.filter((one) => this.ledger.reserve(one, undefined, this.now).kind !== "reserved");
    settlePool(this.ledger, this.ec2, { settings: this.set, node: this.facts, now: this.now, waiting: missed });
    return missed.length;
  }

  /** The oldest go. */
  go(pods: number): void {
    for (const { key } of this.ledger.reservations().slice(0, pods)) this.ledger.release(key, this.now);
  }

  /** The agent looks now and then. */
  rest(ms: number): void {
    for (const until = this.now + ms; ; this.now = Math.min(until, this.now + Math.max(5_000, ms / 50))) {
      settlePool(this.ledger, this.ec2, { settings: this.set, node: this.facts, now: this.now });
      if (this.now >= until) return;
    }
  }

  get view() {
    return this.ledger.view({}, this.now);
  }

  get targets() {
    return targetsInForce(this.view, this.set, this.facts, this.now);
  }
}

describe("with SLASH28_WARM_POLICY=adaptive", () => {
  test("a node that nobody knows is kept at the static targets", () => {
    const day = new Day();
    day.rest(30 * MINUTE);
    expect(day.targets).toMatchObject({ free: 14, because: "learning" });
    expect(day.view.current.free).toBe(14);
  });

  test("for a node that nobody knows no ENI is attached while half of the targets have slots at hand", () => {
    const day = new Day();
    day.come(7);
    day.rest(MINUTE);
    expect(day.targets).toMatchObject({ free: 7, because: "learning" });
    expect(day.view.enis).toHaveLength(1);
    day.come(1);
    day.rest(MINUTE);
    expect(day.view.enis).toHaveLength(2);
    expect(day.view.current.free).toBe(14);
  });

  test("a node whose pods come one by one keeps one address free", () => {
    const day = new Day();
    for (let pod = 0; pod < 20; pod++) {
      day.come(1);
      day.rest(5 * MINUTE);
    }
    expect(day.targets).toMatchObject({ free: 1, because: "enough-for-now" });
    expect(day.view.current.free).toBe(1);
  });

  test("one whose pods come in bursts at any time keeps as many as a burst has", () => {
    const day = new Day();
    for (const minutes of [70, 31, 44, 83, 20, 97]) {
      day.come(6);
      day.rest(10 * MINUTE);
      day.go(6);
      day.rest(minutes * MINUTE);
    }
    expect(day.targets.free).toBe(6);
    expect(day.come(6)).toBe(0);
  });

  test("hourly bursts are prepared for, and cost one address in between, that of a node without pods", () => {
    const day = new Day();
    for (let hour = 0; hour < 5; hour++) {
      day.rest(T0 + hour * HOUR + 30 * MINUTE - day.now);
      expect(day.come(10)).toBe(0);
      day.rest(2 * MINUTE);
      day.go(10);
    }
    day.rest(30 * MINUTE);
    expect(day.targets).toMatchObject({ free: 0, held: 1, because: "enough-for-now" });
    expect(day.view.current).toMatchObject({ held: 1, free: 1 });
    day.rest(27.5 * MINUTE);
    expect(day.targets).toMatchObject({ free: 10, because: "burst-due" });
    expect(day.view.current.free).toBe(10);
    const plan = planPool(day.view, day.set, day.facts, day.now);
    expect(plan).toMatchObject({ kind: "idle" });
  });

  test("says in its plan that the forecast asks for more", () => {
    const day = new Day();
    for (let pod = 0; pod < 20; pod++) {
      day.come(1);
      day.rest(5 * MINUTE);
    }
    day.ledger.reserve(key("next"), undefined, day.now);
    expect(planPool(day.view, day.set, day.facts, day.now)).toMatchObject({ kind: "assign-addresses", count: 1, why: "below-forecast" });
  });

  test("more pods at once than ever bring the static targets back, for ten minutes", () => {
    const day = new Day();
    for (let pod = 0; pod < 20; pod++) {
      day.come(1);
      day.rest(5 * MINUTE);
    }
    expect(day.come(5)).toBeGreaterThan(0);
    expect(day.targets).toMatchObject({ free: 14, because: "surprised" });
    expect(day.come(9)).toBe(0);
    day.rest(11 * MINUTE);
    expect(day.targets.because).not.toBe("surprised");
  });

  test("prefixes: single pods need no second one ahead", () => {
    const day = new Day({ prefixDelegation: true, warmPrefixTarget: 1 }, node(4, 14, 110));
    for (let pod = 0; pod < 14; pod++) {
      day.come(1);
      day.rest(6 * MINUTE);
    }
    expect(day.view.current).toMatchObject({ held: 16, assigned: 14 });
  });
});

test("without it nothing is forecast, and the targets are the settings'", () => {
  const day = new Day({ warmPolicy: "static" });
  expect(day.view.forecast).toBeUndefined();
  expect(day.targets).toMatchObject({ free: 14, because: "static" });
});

test("the setting takes two words, static by default; anything else is told", () => {
  expect(parseSettings({}).settings.pool.warmPolicy).toBe("static");
  expect(parseSettings({ SLASH28_WARM_POLICY: "adaptive" })).toMatchObject({ settings: { pool: { warmPolicy: "adaptive" } }, notices: [] });
  expect(parseSettings({ SLASH28_WARM_POLICY: "Adaptive" }).notices).toMatchObject([
    { kind: "invalid", variable: "SLASH28_WARM_POLICY", used: "static", why: "is not one of static, adaptive" },
  ]);
  expect(parseSettings({ SLASH28_WARM_POLICY: "adaptive", DISABLE_NETWORK_RESOURCE_PROVISIONING: "true" }).notices).toMatchObject([
    { kind: "ignored", variable: "SLASH28_WARM_POLICY", why: "the pool neither grows nor shrinks" },
  ]);
});

const someSettings = fc
  .record({
    warmIpTarget: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    minimumIpTarget: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    warmEniTarget: fc.integer({ min: 0, max: 2 }),
    warmPrefixTarget: fc.integer({ min: 1, max: 2 }),
    prefixDelegation: fc.boolean(),
    maxEni: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    cooldownMs: fc.constantFrom(0, 1_000, 30_000),
  })
  .map((over): Partial<PoolSettings> => over);
const someNode = fc
  .record({ enis: fc.integer({ min: 1, max: 8 }), usable: fc.integer({ min: 1, max: 29 }), maxPods: fc.integer({ min: 4, max: 110 }) })
  .map(({ enis, usable, maxPods }) => node(enis, usable, maxPods));
const someRounds = fc.array(
  fc.record({ come: fc.integer({ min: 0, max: 15 }), go: fc.integer({ min: 0, max: 15 }), ms: fc.integer({ min: 0, max: 3 * HOUR }) }),
  { maxLength: 12 },
);

test("targets stay within the static ones, come to rest, and are the same for the same day", () => {
  fc.assert(
    fc.property(someSettings, someNode, someRounds, (over, facts, rounds) => {
      const run = (): readonly unknown[] => {
        const day = new Day(over, facts);
        const seen: unknown[] = [];
        for (const { come, go, ms } of rounds) {
          day.come(Math.min(come, Math.max(0, facts.maxPods - day.ledger.reservations().length)));
          day.rest(ms);
          const { view, targets } = day;
          const fixed = targetsOf(view, day.set, facts);
          const used = view.current.held - view.current.free;
          expect(targets.free).toBeLessThanOrEqual(Math.max(fixed.free, fixed.held - used, 0));
          expect(targets.free).toBeGreaterThanOrEqual(0);
          seen.push(targets, view.current);
          day.go(go);
        }
        return seen;
      };
      expect(run()).toEqual(run());
    }),
    { numRuns: 100 },
  );
});

test("whatever came before, once more pods waited than may, those after them find what the static targets have", () => {
  fc.assert(
    fc.property(someRounds, fc.integer({ min: 3, max: 12 }), (rounds, pods) => {
      const day = new Day({}, node(8, 14, 110));
      for (const { come, go, ms } of rounds) {
        day.come(Math.min(come, 60 - day.ledger.reservations().length));
        day.rest(ms);
        day.go(go);
      }
      const before = rounds.reduce((sum, { come }) => sum + come, 0);
      const missed = day.come(pods);
      const mayWait = MAY_WAIT_SHARE * (before + pods);
      if (missed <= mayWait) return;
      const { free, because } = day.targets;
      // Nobody knows the node yet: half of them at least, more where the ENIs at hand have slots.
      const least = because === "learning" ? 7 : 14;
      expect(["learning", "surprised"]).toContain(because);
      expect(free).toBeGreaterThanOrEqual(least);
      expect(day.view.current.free).toBeGreaterThanOrEqual(least);
    }),
    { numRuns: 100 },
  );
});

test("a larger burst in the past never means fewer free addresses", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 4 }), (pods, more) => {
      const free = [pods, pods + more].map((size) => {
        const day = new Day();
        for (const minutes of [80, 33, 51]) {
          day.come(size);
          day.rest(MINUTE);
          day.go(size);
          day.rest(minutes * MINUTE);
        }
        return day.targets.free;
      });
      expect(free[1]).toBeGreaterThanOrEqual(free[0] ?? 0);
    }),
    { numRuns: 40 },
  );
});
