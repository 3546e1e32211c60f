import { cidr4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { Ledger } from "../src/index.ts";
import { LEAST_STEP_MS, MOST_STEP_MS, Patience } from "../src/patience.ts";
import { anEni, eniId, key, T0 } from "./a-node.ts";

const MINUTE = 60_000;

describe("a node's patience with a surplus", () => {
  test("doubles with each hand-back that is missed within ten minutes, to a limit", () => {
    const patience = new Patience();
    const steps = [0, 1, 2, 3, 4].map((round) => {
      patience.handedBack(round * 12 * MINUTE);
      patience.grew((round * 12 + 9) * MINUTE);
      return patience.stepMs((round * 12 + 9) * MINUTE);
    });
    expect(steps).toEqual([30_000, 60_000, MOST_STEP_MS, MOST_STEP_MS, MOST_STEP_MS]);
  });

  test("stays as it is when nothing is missed, or only after a while, and when one hand-back is missed by several steps", () => {
    const patience = new Patience();
    patience.grew(0);
    patience.handedBack(0);
    patience.grew(11 * MINUTE);
    patience.grew(12 * MINUTE);
    expect(patience.stepMs(12 * MINUTE)).toBe(LEAST_STEP_MS);
    patience.handedBack(20 * MINUTE);
    for (const at of [21, 22, 23]) patience.grew(at * MINUTE);
    expect(patience.stepMs(23 * MINUTE)).toBe(2 * LEAST_STEP_MS);
  });

  test("wears off by half for every half hour without a miss, whatever the clock is set to", () => {
    const patience = new Patience();
    for (const at of [0, 10]) {
      patience.handedBack(at * MINUTE);
      patience.grew((at + 1) * MINUTE);
    }
    expect(patience.stepMs(40 * MINUTE)).toBe(4 * LEAST_STEP_MS);
    expect(patience.stepMs(41 * MINUTE)).toBe(2 * LEAST_STEP_MS);
    expect(patience.stepMs(0)).toBe(2 * LEAST_STEP_MS);
    expect(patience.stepMs(30 * MINUTE)).toBe(LEAST_STEP_MS);
  });
});

test("a pool that missed what it handed back holds on to its free addresses for longer", () => {
  const ledger = new Ledger({ kind: "address", cooldownMs: 0 });
  ledger.addEni(anEni(0), T0);
  const blocks = ["10.0.0.20/32", "10.0.0.21/32"].map((text) => cidr4(text));
  for (const block of blocks) ledger.addBlock(eniId(0), block, T0);
  const floorAfter = (ms: number, from: number): number => {
    ledger.reserve(key(1), undefined, from);
    ledger.release(key(1), from + 1);
    ledger.view({}, from + ms / 2);
    return ledger.view({}, from + ms).freeFloor;
  };
  expect(floorAfter(2 * LEAST_STEP_MS, T0 + MINUTE)).toBe(2);
  const [first] = blocks;
  if (first === undefined) throw new Error("no block");
  ledger.withdraw(eniId(0), [first], T0 + 2 * MINUTE);
  ledger.dropBlock(eniId(0), first, T0 + 2 * MINUTE);
  ledger.addBlock(eniId(0), first, T0 + 3 * MINUTE);
  ledger.view({}, T0 + 4 * MINUTE);
  expect(floorAfter(2 * LEAST_STEP_MS, T0 + 5 * MINUTE)).toBe(1);
  expect(floorAfter(4 * LEAST_STEP_MS + LEAST_STEP_MS, T0 + 6 * MINUTE)).toBe(2);
});
