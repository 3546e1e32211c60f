import { cidr4, ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { absencesIn, EC2_LAG_MS, Ledger, listedInEither, type ListedEni } from "../src/index.ts";
import { anEni, eniId, key, T0 } from "./a-node.ts";

const OLD = T0 + EC2_LAG_MS;

/** Two ENIs; the first has two addresses, one with a pod, the second a prefix. */
function ledger(): Ledger {
  const made = new Ledger({ kind: "address", cooldownMs: 30_000 });
  for (const index of [0, 1]) made.addEni(anEni(index), T0);
  for (const text of ["10.0.0.20/32", "10.0.0.21/32"]) made.addBlock(eniId(0), cidr4(text), T0);
  made.addBlock(eniId(1), cidr4("10.0.1.32/28"), T0);
  made.reserve(key(1), undefined, T0);
  return made;
}

const listed = (index: number, addresses: readonly string[], prefixes: readonly string[] = []): ListedEni => ({
  id: eniId(index),
  addresses: addresses.map(ipv4),
  prefixes: prefixes.map((text) => cidr4(text)),
});
const WHOLE = [listed(0, ["10.0.0.20", "10.0.0.21"]), listed(1, [], ["10.0.1.32/28"])];

describe("what an answer of EC2 lacks", () => {
  test("is nothing when it lists all the ledger has, and more", () => {
    expect(absencesIn(ledger(), [...WHOLE, listed(2, ["10.0.2.20"])], OLD)).toEqual([]);
  });

  test("is asked for, with a pod or without, block by block, and an ENI whole", () => {
    expect(absencesIn(ledger(), [listed(0, []), listed(1, ["10.0.1.32"])], OLD)).toEqual([
      { eni: "eni-0", cidr: cidr4("10.0.0.20/32") },
      { eni: "eni-0", cidr: cidr4("10.0.0.21/32") },
      { eni: "eni-1", cidr: cidr4("10.0.1.32/28") },
    ]);
    expect(absencesIn(ledger(), WHOLE.slice(0, 1), OLD)).toEqual([{ eni: "eni-1" }, { eni: "eni-1", cidr: cidr4("10.0.1.32/28") }]);
  });

  test("is no question while EC2 may not know it yet, nor when it was found lost or gone before", () => {
    expect(absencesIn(ledger(), [], OLD - 1)).toEqual([]);
    const known = ledger();
    known.markLost(eniId(0), cidr4("10.0.0.20/32"), true);
    known.markLost(eniId(1), cidr4("10.0.1.32/28"), true);
    known.markGone(eniId(1), true);
    expect(absencesIn(known, [listed(0, ["10.0.0.21"])], OLD)).toEqual([]);
  });
});

describe("two answers", () => {
  test("keep what either has of the ledger's", () => {
    const [first = listed(0, []), second = listed(1, [])] = WHOLE;
    expect(listedInEither(ledger(), [listed(0, ["10.0.0.20"]), second], [listed(0, ["10.0.0.21"])])).toEqual([
      { ...first, addresses: [ipv4("10.0.0.21"), ipv4("10.0.0.20")] },
      second,
    ]);
    expect(listedInEither(ledger(), [second], [listed(1, [])])).toEqual([second]);
  });

  test("add nothing that only the earlier one has and the ledger does not", () => {
    const earlier = [listed(0, ["10.0.0.99"], ["10.0.0.112/28"]), listed(2, ["10.0.2.20"])];
    expect(listedInEither(ledger(), earlier, [listed(0, [])])).toEqual([listed(0, [])]);
  });
});
