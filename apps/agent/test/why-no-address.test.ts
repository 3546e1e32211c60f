import { Fault } from "@slash28/ports";
import { expect, test } from "vitest";
import { whyNoAddress } from "../src/pods/why-no-address.ts";

const FULL = { held: 27, assigned: 27, cooling: 0 };

test("a pod is told what the node has, and what stopped the pool last", () => {
  const fault = new Fault("SUBNET_FULL", { subnet: "subnet-1" });
  expect(whyNoAddress(FULL, { kind: "idle", why: "subnet-full" }, fault)).toBe(`27 held, 27 assigned, 0 cooling down; ${fault.message}`);
});

test.each([
  ["instance-full", /no room.*; lower max pods/],
  ["node-unschedulable", /cordoned; uncordon/],
  ["provisioning-disabled", /DISABLE_NETWORK_RESOURCE_PROVISIONING/],
  ["subnet-fragmented", /no free \/28/],
] as const)("without a fault a pool that is %s says so in words", (why, words) => {
  expect(whyNoAddress(FULL, { kind: "idle", why }, undefined)).toMatch(words);
});

test("a pool with nothing in its way is growing", () => {
  for (const plan of [undefined, { kind: "idle", why: "at-target" }] as const)
    expect(whyNoAddress({ held: 1, assigned: 1, cooling: 0 }, plan, undefined)).toBe(
      "1 held, 1 assigned, 0 cooling down; the pool is growing",
    );
});
