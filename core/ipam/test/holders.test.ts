import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keyText, type SandboxKey } from "../src/index.ts";
import { aLedger, key, T0 } from "./a-node.ts";

test("two networks of one container, and two links of one network, hold an address each", () => {
  const ledger = aLedger("prefix", ["10.0.0.16/28"]);
  const keys = [key(1), { ...key(1), ifName: "net1" }, { ...key(1), networkName: "other" }];
  for (const [index, each] of keys.entries()) expect(ledger.reserve(each, undefined, T0 + index)).toMatchObject({ isNew: true });
  const held = keys.map((each) => ledger.reservationOf(each)?.address);
  expect(new Set(held).size).toBe(3);
  expect(ledger.reservations().map((each) => each.key)).toEqual(keys);
  // The first one goes, comes again, and the others keep theirs.
  ledger.release(key(1), T0 + 10);
  expect(keys.map((each) => ledger.reservationOf(each)?.address)).toEqual([undefined, held[1], held[2]]);
  ledger.reserve(key(1), undefined, T0 + 11);
  for (const each of keys) ledger.release(each, T0 + 12);
  expect(ledger.reservations()).toEqual([]);
  expect(ledger.counts(T0 + 12).assigned).toBe(0);
});

test("whatever sandboxes of whatever containers come and go, each finds its own", () => {
  const sandbox = fc.record({
    networkName: fc.constantFrom("aws-cni", "other", "_migrated-from-cri"),
    containerId: fc.constantFrom("a", "b", "c"),
    ifName: fc.constantFrom("eth0", "net1", "unknown"),
  });
  fc.assert(
    fc.property(fc.array(fc.record({ sandbox, goes: fc.boolean() }), { maxLength: 80 }), (steps) => {
      const ledger = aLedger("prefix", ["10.0.0.16/28", "10.0.0.32/28"]);
      const there = new Map<string, SandboxKey>();
      for (const { sandbox: each, goes } of steps) {
        const legacy = { networkName: "_migrated-from-cri", containerId: each.containerId, ifName: "unknown" };
        // A sandbox that is not known by its whole key answers for what an older agent wrote down of its container.
        const own = there.has(keyText(each)) ? each : legacy;
        if (!goes) {
          expect(ledger.reserve(each, undefined, T0)).toMatchObject({ kind: "reserved", isNew: !there.has(keyText(each)) });
          there.set(keyText(each), each);
        } else {
          expect(ledger.release(each, T0)?.key).toEqual(there.get(keyText(own)));
          there.delete(keyText(own));
        }
        expect(
          ledger
            .reservations()
            .map((held) => keyText(held.key))
            .toSorted(),
        ).toEqual([...there.keys()].toSorted());
      }
    }),
  );
});
