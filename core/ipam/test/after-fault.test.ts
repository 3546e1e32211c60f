import { describe, expect, test } from "vitest";
import { AGENT_PACE, afterFault, capacityRefusalOf } from "../src/index.ts";

describe("what follows a plan that EC2 did not carry out", () => {
  test.each(["SUBNET_FULL", "SUBNET_FRAGMENTED"])("%s is in the planner's view: it plans on at once, from what is known", (code) => {
    for (const isAgain of [false, true]) {
      expect(afterFault({ code, retryAfterMs: 120_000, isAgain })).toEqual({ nextInMs: 0, isStale: false });
    }
  });

  test.each([
    ["ENI_GONE", 0, AGENT_PACE.outdatedRetryMs],
    ["ENI_ADDRESS_LIMIT", 1_000, AGENT_PACE.outdatedRetryMs],
    ["INSTANCE_ENI_LIMIT", 60_000, 60_000],
  ])("%s is mended by a look at EC2; when it was not, the pool waits", (code, retryAfterMs, againMs) => {
    expect(afterFault({ code, retryAfterMs, isAgain: false })).toEqual({ nextInMs: 0, isStale: true });
    expect(afterFault({ code, retryAfterMs, isAgain: true })).toEqual({ nextInMs: againMs, isStale: true });
  });

  test.each([
    ["EC2_THROTTLED", 5_000, false],
    ["EC2_UNAUTHORIZED", 60_000, false],
    ["EC2_UNREACHABLE", 5_000, true],
    ["NO_CREDENTIALS", 5_000, true],
    ["EC2_FAILED", 5_000, true],
  ])("%s says itself when to come again; one that changed nothing needs no look", (code, retryAfterMs, isStale) => {
    expect(afterFault({ code, retryAfterMs, isAgain: false })).toEqual({ nextInMs: retryAfterMs, isStale });
  });

  test("a fault without a delay of its own is tried again after the agent's", () => {
    expect(afterFault({ code: "KUBE_REFUSED", retryAfterMs: undefined, isAgain: false }).nextInMs).toBe(AGENT_PACE.retryMs);
  });
});

test("only a subnet's two refusals speak of its room", () => {
  expect(["SUBNET_FULL", "SUBNET_FRAGMENTED", "ENI_GONE", "toString"].map(capacityRefusalOf)).toEqual([
    "subnet-full",
    "subnet-fragmented",
    undefined,
    undefined,
  ]);
});
