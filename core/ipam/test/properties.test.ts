import { cidr4, cidr4Of, ipv4, offsetIpv4 } from "@slash28/address";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  bookOf,
  decodeEntries,
  encodeEntry,
  Ledger,
  planPool,
  replay,
  restoreBook,
  type BlockKind,
  type JournalEntry,
  type PoolSettings,
} from "../src/index.ts";
import { anEni, eniId, GenerousEc2, key, node, settings, settlePool, T0 } from "./a-node.ts";

type Command =
  | { readonly kind: "reserve" | "release" | "cancel" | "snapshot"; readonly sandbox: number }
  | { readonly kind: "wait"; readonly ms: number };

const sandbox = fc.integer({ min: 0, max: 50 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("reserve" as const), sandbox }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("release" as const), sandbox }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("snapshot" as const), sandbox }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
);
const kinds = fc.constantFrom<BlockKind>("address", "prefix");
const COOLDOWN = 30_000;

/** Two ENIs, with 5 single addresses and 2 prefixes each, as after a change of mode. */
function mixedLedger(kind: BlockKind): Ledger {
  const ledger = new Ledger({ kind, cooldownMs: COOLDOWN });
  for (const index of [0, 1]) {
    ledger.addEni(anEni(index), T0);
    for (let n = 0; n < 5; n++) ledger.addBlock(eniId(index), cidr4Of(offsetIpv4(ipv4("10.0.1.0"), index * 100 + n), 32), T0);
    for (let n = 0; n < 2; n++) ledger.addBlock(eniId(index), cidr4(`10.0.${2 + index}.${n * 16}/28`), T0);
  }
  return ledger;
}

/** Counts the slow way, to compare. */
function counted(ledger: Ledger) {
  let assigned = 0;
  let cooling = 0;
  let held = 0;
  for (const eni of ledger.enis()) {
    for (const block of eni.blocks.values()) {
      for (const slot of ledger.slotsOf(block)) {
        held++;
        if (slot.holder !== undefined) assigned++;
        else if (slot.coolUntil !== undefined) cooling++;
      }
    }
  }
  return { held, assigned, cooling, free: held - assigned - cooling };
}

test("whatever happens: one holder per address, true counts, no address before its rest is over", () => {
  fc.assert(
    fc.property(kinds, fc.array(command, { maxLength: 300 }), (kind, commands) => {
      const ledger = mixedLedger(kind);
      const releasedAt = new Map<number, number>();
      let now = T0;
      for (const one of commands) {
        if (one.kind === "wait") now += one.ms;
        if (one.kind === "release") {
          const had = ledger.release(key(one.sandbox), now);
          if (had !== undefined) releasedAt.set(had.address, now);
        }
        if (one.kind === "reserve") {
          const result = ledger.reserve(key(one.sandbox), undefined, now);
          const freed = result.kind === "reserved" && result.isNew ? releasedAt.get(result.reservation.address) : undefined;
          if (freed !== undefined) expect(now - freed).toBeGreaterThanOrEqual(COOLDOWN);
        }
        expect(ledger.counts(now)).toEqual(counted(ledger));
        const addresses = ledger.reservations().map((held) => held.address);
        expect(new Set(addresses).size).toBe(addresses.length);
      }
    }),
  );
});

test("reserving and releasing restores the counts once the rest is over", () => {
  fc.assert(
    fc.property(kinds, fc.uniqueArray(sandbox), (kind, sandboxes) => {
      const ledger = mixedLedger(kind);
      const before = ledger.counts(T0);
      for (const one of sandboxes) ledger.reserve(key(one), undefined, T0);
      for (const one of sandboxes) ledger.release(key(one), T0);
      expect(ledger.counts(T0).assigned).toBe(0);
      expect(ledger.counts(T0 + COOLDOWN)).toEqual(before);
    }),
  );
});

test("the journal, cut anywhere, replays to the ledger of that moment, rests included", () => {
  fc.assert(
    fc.property(kinds, fc.array(command, { maxLength: 120 }), fc.nat(), (kind, commands, cut) => {
      const live = mixedLedger(kind);
      const lines: string[] = [];
      const write = (entry: JournalEntry) => lines.push(encodeEntry(entry));
      let now = T0;
      for (const one of commands.slice(0, cut % (commands.length + 1))) {
        if (one.kind === "wait") now += one.ms;
        if (one.kind === "reserve") {
          const owner = { namespace: "default", name: `web-${one.sandbox}` };
          const result = live.reserve(key(one.sandbox), owner, now);
          if (result.kind === "reserved") write({ kind: "reserve", reservation: result.reservation });
        }
        if (one.kind === "release") {
          const had = live.release(key(one.sandbox), now);
          if (had !== undefined) write({ kind: "release", key: had.key, address: had.address, at: now });
        }
        if (one.kind === "snapshot") lines.splice(0, lines.length, encodeEntry({ kind: "snapshot", book: bookOf(live) }));
      }
      const entries = decodeEntries(lines);
      const book = entries.ok ? replay(entries.value) : entries;
      if (!book.ok) throw new Error(book.error.message);
      const restored = mixedLedger(kind);
      expect(restoreBook(restored, book.value, now).orphans).toEqual([]);
      expect(bookOf(restored)).toEqual(bookOf(live));
      for (const later of [0, 1, 10_000, COOLDOWN]) expect(restored.counts(now + later)).toEqual(live.counts(now + later));
      expect(restored.reserve(key("next"), undefined, now + COOLDOWN)).toEqual(live.reserve(key("next"), undefined, now + COOLDOWN));
    }),
  );
});

const target = fc.integer({ min: 0, max: 40 });
const optionalTarget = fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined });
const someSettings: fc.Arbitrary<PoolSettings> = fc
  .record({
    warmEniTarget: fc.integer({ min: 0, max: 4 }),
    warmIpTarget: optionalTarget,
    minimumIpTarget: optionalTarget,
    warmPrefixTarget: fc.integer({ min: 0, max: 4 }),
    maxEni: fc.option(fc.integer({ min: 1, max: 16 }), { nil: undefined }),
    prefixDelegation: fc.boolean(),
    customNetworking: fc.boolean(),
  })
  .map((over) => settings(over));
const someNode = fc
  .record({ enis: fc.integer({ min: 1, max: 15 }), usable: fc.integer({ min: 1, max: 49 }), maxPods: fc.integer({ min: 4, max: 250 }) })
  .map(({ enis, usable, maxPods }) => node(enis, usable, maxPods));

test("plans keep to slots, ENIs and max pods, never touch a held address, and come to rest", () => {
  fc.assert(
    fc.property(
      someSettings,
      someNode,
      fc.array(fc.record({ come: target, go: target, ms: fc.integer({ min: 0, max: 90_000 }) }), { maxLength: 8 }),
      (set, facts, rounds) => {
        const ledger = new Ledger({ kind: set.prefixDelegation ? "prefix" : "address", cooldownMs: set.cooldownMs });
        const ec2 = new GenerousEc2(ledger, set.customNetworking);
        let now = T0;
        let next = 0;
        for (const round of rounds) {
          now += round.ms;
          const before = ledger.reservations();
          const arriving = Array.from({ length: Math.min(round.come, Math.max(0, facts.maxPods - before.length)) }, () => key(next++));
          settlePool(ledger, ec2, { settings: set, node: facts, now, waiting: arriving });
          expect(ledger.reservations().slice(0, before.length)).toEqual(before);
          expect(ledger.enis().length).toBeLessThanOrEqual(Math.max(1, Math.min(facts.maxEnis, set.maxEni ?? facts.maxEnis)));
          for (const eni of ledger.enis()) expect(eni.blocks.size).toBeLessThan(facts.ipv4PerEni);
          for (const one of ledger.reservations().slice(0, round.go)) ledger.release(one.key, now);
        }
        for (const pause of [120_000, 60_000]) settlePool(ledger, ec2, { settings: set, node: facts, now: (now += pause) });
        const { held } = ledger.counts(now);
        const blocks = ledger.enis().flatMap((eni) => [...eni.blocks.values()]);
        if (!set.prefixDelegation) expect(held).toBeLessThanOrEqual(facts.maxPods);
        else if (held >= facts.maxPods + 16) expect(blocks.filter((block) => block.assigned === 0)).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test("every settled pool meets its targets, or says why it does not", () => {
  fc.assert(
    fc.property(someSettings, someNode, fc.integer({ min: 0, max: 60 }), (set, facts, podCount) => {
      const ledger = new Ledger({ kind: set.prefixDelegation ? "prefix" : "address", cooldownMs: set.cooldownMs });
      const ec2 = new GenerousEc2(ledger, set.customNetworking);
      const arriving = Array.from({ length: Math.min(podCount, facts.maxPods) }, (_, n) => key(n));
      const { last, waiting } = settlePool(ledger, ec2, { settings: set, node: facts, now: T0, waiting: arriving });
      if (waiting.length > 0) expect(last).toEqual({ kind: "idle", why: "instance-full" });
      const again = planPool(ledger.view({ waiting: waiting.length }, T0), set, facts, T0);
      expect(again).toEqual(last);
      const free = ledger.counts(T0).free;
      if (last.kind === "idle" && last.why !== "instance-full" && last.why !== "max-pods-reached")
        expect(free).toBeGreaterThanOrEqual(set.warmIpTarget ?? 0);
    }),
    { numRuns: 300 },
  );
});
