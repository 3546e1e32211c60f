import { cidr4, ipv4 } from "@slash28/address";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { viewEni } from "../src/ledger-view.ts";
import { aLedger, anEni, eniId, key, T0 } from "./a-node.ts";

test("the planner's copy of an ENI is never older than the ENI, whatever changes it", () => {
  const change = fc.oneof(
    fc.record({ kind: fc.constantFrom("reserve" as const, "release" as const, "cancel" as const), n: fc.nat({ max: 20 }) }),
    fc.record({ kind: fc.constantFrom("lost" as const, "gone" as const, "leaving" as const, "closed" as const), n: fc.nat({ max: 1 }) }),
    fc.record({ kind: fc.constantFrom("withdraw" as const, "drop" as const, "add" as const), n: fc.nat({ max: 3 }) }),
    fc.record({ kind: fc.constant("wait" as const), n: fc.nat({ max: 40_000 }) }),
  );
  fc.assert(
    fc.property(fc.constantFrom(0, 6), fc.array(change, { maxLength: 60 }), (more, changes) => {
      // Copies are kept of an ENI with many blocks only.
      const others = Array.from({ length: more }, (_, index) => `10.0.3.${index}/32`);
      const ledger = aLedger("prefix", ["10.0.2.0/28", "10.0.2.16/28", ...others]);
      const only = eniId(0);
      let now = T0;
      for (const { kind, n } of changes) {
        const cidr = cidr4(`10.0.2.${(n % 4) * 16}/28`);
        if (kind === "reserve") ledger.reserve(key(n), undefined, now);
        if (kind === "release") ledger.release(key(n), now);
        if (kind === "cancel") ledger.cancel(key(n));
        if (kind === "lost") ledger.markLost(only, cidr, n === 0);
        if (kind === "gone") ledger.markGone(only, n === 0);
        if (kind === "leaving" && n === 0) ledger.withdrawEni(only, now);
        if (kind === "leaving" && n === 1) ledger.restoreEni(only);
        if (kind === "closed") ledger.addEni(anEni(0, { takesPods: n === 0, primaryAddress: ipv4("10.0.0.4") }), now);
        if (kind === "withdraw") ledger.withdraw(only, [cidr], now);
        if (kind === "drop") ledger.dropBlock(only, cidr, now);
        if (kind === "add") ledger.addBlock(only, cidr, now);
        if (kind === "wait") now += n;
        ledger.view({}, now);
        const eni = ledger.eni(only);
        if (eni === undefined) throw new Error("the ENI is gone");
        const free = { address: 0, prefix: 0 };
        const fresh = viewEni({ ...eni, view: undefined });
        for (const block of fresh.blocks) free[block.kind] += block.free;
        expect(eni.free).toEqual(free);
        expect(viewEni(eni)).toEqual(fresh);
      }
    }),
  );
});
