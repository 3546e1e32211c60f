import type { EniId } from "@slash28/address";
import { parseSettings, type PoolPlan } from "@slash28/ipam";
import { limitsOf } from "@slash28/limits";
import { Fault } from "@slash28/ports";
import { expect, test } from "vitest";
import { whyNoAddress } from "../src/pods/why-no-address.ts";

const FULL = { held: 27, assigned: 27, cooling: 0 };

function aNode(lastPlan: PoolPlan | undefined, more: { readonly fault?: Fault; readonly maxEni?: string; readonly foreign?: number } = {}) {
  const { settings } = parseSettings({ MAX_ENI: more.maxEni });
  const unmanaged = new Map(
    Array.from({ length: more.foreign ?? 0 }, (_, n) => [`eni-${n}` as EniId, { inMetadata: true, deviceIndex: 1 }]),
  );
  return { lastPlan, lastFault: more.fault, limits: limitsOf("m5.large")!, settings, unmanaged };
}

test("a pod is told what the node has, and what stopped the pool last", () => {
  const fault = new Fault("SUBNET_FULL", { subnet: "subnet-1" });
  expect(whyNoAddress(FULL, aNode({ kind: "idle", why: "subnet-full" }, { fault }))).toBe(
    `27 held, 27 assigned, 0 cooling down; ${fault.message}`,
  );
});

test.each([
  ["instance-full", /no room for another address; lower max pods/],
  ["node-unschedulable", /cordoned; uncordon/],
  ["provisioning-disabled", /DISABLE_NETWORK_RESOURCE_PROVISIONING/],
  ["subnet-fragmented", /no free \/28/],
] as const)("without a fault a pool that is %s says so in words", (why, words) => {
  expect(whyNoAddress(FULL, aNode({ kind: "idle", why }))).toMatch(words);
});

test("a node that is full by MAX_ENI, or by ENIs of others, says so", () => {
  const full = { kind: "idle", why: "instance-full" } as const;
  expect(whyNoAddress(FULL, aNode(full, { maxEni: "2" }))).toContain("MAX_ENI=2 allows the instance no other ENI; raise MAX_ENI");
  expect(whyNoAddress(FULL, aNode(full, { maxEni: "9" }))).toContain("the instance has no room");
  expect(whyNoAddress(FULL, aNode(full, { foreign: 1 }))).toContain(
    "no room for another address (1 of its ENIs is managed by someone else)",
  );
});

test("a pool with nothing in its way is growing", () => {
  for (const plan of [undefined, { kind: "idle", why: "at-target" }] as const)
    expect(whyNoAddress({ held: 1, assigned: 1, cooling: 0 }, aNode(plan))).toBe("1 held, 1 assigned, 0 cooling down; the pool is growing");
});
