import { describe, expect, test } from "vitest";
import { Ledger, type PoolSettings } from "../src/index.ts";
import { GenerousEc2, node, pods, settings, settlePool, T0 } from "./a-node.ts";

/** A fresh node, some pods, no further change: ENIs and addresses held, per number of pods. */
interface Row {
  readonly name: string;
  readonly enis: number;
  readonly usable: number;
  readonly maxPods: number;
  readonly set: Partial<PoolSettings>;
  readonly expected: Readonly<Record<number, string>>;
}

const PD = { prefixDelegation: true } as const;

const ROWS: readonly Row[] = [
  { name: "3×3 WARM_ENI=1", enis: 3, usable: 3, maxPods: 11, set: {}, expected: { 0: "1/3", 1: "2/6", 5: "3/9", 9: "3/9" } },
  {
    name: "3×3 W=1 M=1",
    enis: 3,
    usable: 3,
    maxPods: 11,
    set: { warmIpTarget: 1, minimumIpTarget: 1 },
    expected: { 0: "1/1", 1: "1/2", 5: "2/6", 9: "3/9" },
  },
  {
    name: "3×3 W=2 M=5",
    enis: 3,
    usable: 3,
    maxPods: 11,
    set: { warmIpTarget: 2, minimumIpTarget: 5 },
    expected: { 0: "2/5", 1: "2/5", 5: "3/7", 9: "3/9" },
  },
  {
    name: "3×9 WARM_ENI=1",
    enis: 3,
    usable: 9,
    maxPods: 29,
    set: {},
    expected: { 0: "1/9", 1: "2/18", 5: "2/18", 9: "2/18", 10: "3/27", 17: "3/27", 29: "3/27" },
  },
  {
    name: "3×9 WARM_ENI=0",
    enis: 3,
    usable: 9,
    maxPods: 29,
    set: { warmEniTarget: 0 },
    expected: { 0: "1/9", 1: "1/9", 5: "1/9", 9: "2/18", 10: "2/18", 17: "2/18", 29: "3/27" },
  },
  {
    name: "3×9 W=5 M=10",
    enis: 3,
    usable: 9,
    maxPods: 29,
    set: { warmIpTarget: 5, minimumIpTarget: 10 },
    expected: { 0: "2/10", 1: "2/10", 5: "2/10", 9: "2/14", 10: "2/15", 17: "3/22", 29: "3/27" },
  },
  {
    name: "3×9 W=0 M=10",
    enis: 3,
    usable: 9,
    maxPods: 29,
    set: { minimumIpTarget: 10 },
    expected: { 0: "2/10", 1: "2/10", 5: "2/10", 9: "2/10", 10: "2/10" },
  },
  {
    name: "3×9 PD WARM_PREFIX=1",
    enis: 3,
    usable: 9,
    maxPods: 110,
    set: { ...PD, warmPrefixTarget: 1 },
    expected: { 0: "1/16", 1: "1/32", 5: "1/32", 9: "1/32", 10: "1/32", 17: "1/48", 29: "1/48" },
  },
  {
    name: "3×9 PD WARM_PREFIX=1 maxPods 29",
    enis: 3,
    usable: 9,
    maxPods: 29,
    set: { ...PD, warmPrefixTarget: 1 },
    expected: { 0: "1/16", 1: "1/32", 5: "1/32", 9: "1/32", 10: "1/32", 17: "1/32", 29: "1/32" },
  },
  {
    name: "3×9 PD W=5",
    enis: 3,
    usable: 9,
    maxPods: 110,
    set: { ...PD, warmIpTarget: 5 },
    expected: { 0: "1/16", 1: "1/16", 5: "1/16", 9: "1/16", 10: "1/16", 17: "1/32", 29: "1/48" },
  },
  {
    name: "3×9 PD W=5 M=20",
    enis: 3,
    usable: 9,
    maxPods: 110,
    set: { ...PD, warmIpTarget: 5, minimumIpTarget: 20 },
    expected: { 0: "1/32", 1: "1/32", 5: "1/32", 9: "1/32", 10: "1/32", 17: "1/32", 29: "1/48" },
  },
  {
    name: "3×9 custom networking WARM_ENI=1",
    enis: 3,
    usable: 9,
    maxPods: 20,
    set: { customNetworking: true },
    expected: { 0: "2/9", 1: "3/18", 5: "3/18", 9: "3/18", 10: "3/18", 17: "3/18", 29: "3/18" },
  },
  {
    name: "15×49 W=5 M=10",
    enis: 15,
    usable: 49,
    maxPods: 737,
    set: { warmIpTarget: 5, minimumIpTarget: 10 },
    expected: { 0: "1/10", 1: "1/10", 5: "1/10", 9: "1/14", 10: "1/15", 17: "1/22", 29: "1/34" },
  },
];

function grown(
  row: Omit<Row, "name" | "expected">,
  podCount: number,
  oneByOne: boolean,
): { readonly held: string; readonly waiting: number } {
  const set = settings(row.set);
  const ledger = new Ledger({ kind: set.prefixDelegation ? "prefix" : "address", cooldownMs: set.cooldownMs });
  const ec2 = new GenerousEc2(ledger, set.customNetworking);
  const pool = { settings: set, node: node(row.enis, row.usable, row.maxPods), now: T0 };
  let waiting = 0;
  settlePool(ledger, ec2, pool);
  if (oneByOne) for (const pod of pods(podCount)) waiting += settlePool(ledger, ec2, { ...pool, waiting: [pod] }).waiting.length;
  else waiting = settlePool(ledger, ec2, { ...pool, waiting: pods(podCount) }).waiting.length;
  return { held: `${ledger.enis().length}/${ledger.counts(T0).held}`, waiting };
}

describe.each(ROWS)("$name", (row) => {
  test.each(Object.entries(row.expected))("%s pods: %s", (podCount, expected) => {
    expect(grown(row, Number(podCount), false).held).toBe(expected);
    expect(grown(row, Number(podCount), true).held).toBe(expected);
  });
});

describe("3×9 W=0 M=10, where upstream is stuck at 10 addresses, grows with the pods that wait", () => {
  test.each([
    [17, "2/17"],
    [27, "3/27"],
  ])("%i pods: %s, and none waits", (podCount, expected) => {
    const row = { enis: 3, usable: 9, maxPods: 29, set: { minimumIpTarget: 10 } };
    expect(grown(row, podCount, false)).toEqual({ held: expected, waiting: 0 });
    expect(grown(row, podCount, true)).toEqual({ held: expected, waiting: 0 });
  });
});

test("an idle pool stays idle: planning again changes nothing", () => {
  for (const row of ROWS) {
    const set = settings(row.set);
    const ledger = new Ledger({ kind: set.prefixDelegation ? "prefix" : "address", cooldownMs: set.cooldownMs });
    const ec2 = new GenerousEc2(ledger, set.customNetworking);
    const pool = { settings: set, node: node(row.enis, row.usable, row.maxPods), now: T0 };
    settlePool(ledger, ec2, { ...pool, waiting: pods(9) });
    for (const minutes of [1, 2, 10, 60]) {
      expect(settlePool(ledger, ec2, { ...pool, now: T0 + minutes * 60_000 }).steps, row.name).toEqual([]);
    }
  }
});
