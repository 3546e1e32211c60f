import { cidr4 } from "@slash28/address";
import { diagnose, type SimulatedEffect } from "@slash28/advisor";
import { createFleet } from "@slash28/fleet";
import { describe, expect, test } from "vitest";
import { fleetOf } from "../src/effect/fleet-of-snapshot.ts";
import { pacesFor } from "../src/effect/pace.ts";
import { runFix, type FixOrder, type FixRun } from "../src/effect/run-fix.ts";
import { onSample, sampleOf, wholeFleet } from "../src/effect/sample.ts";
import { setEnvChange } from "../src/findings/fleet-fixes.ts";
import { ClusterView } from "../src/snapshot/cluster-view.ts";
import { aNode, aSubnet, withEnv, withNodes } from "./a-cluster.ts";

const BY_DEFAULT = { WARM_ENI_TARGET: "1", WARM_IP_TARGET: undefined, MINIMUM_IP_TARGET: undefined };
const TIGHT = { WARM_ENI_TARGET: "0", WARM_IP_TARGET: "2", MINIMUM_IP_TARGET: "4" };

/** Nodes of four kinds, by how many pods they have. */
function large(nodes: number, waiting = 0) {
  const made = Array.from({ length: nodes }, (_, index) => {
    const pods = 2 + (index % 4) * 4;
    return aNode({ index, type: "m5.xlarge", pods, spare: 28 - pods, waiting: index === 0 ? waiting : 0, inRow: 40 });
  });
  const subnets = [aSubnet({ cidr: cidr4("10.0.0.0/16"), free: 65_531 - nodes * 30 })];
  return withEnv(BY_DEFAULT, { ...withNodes(made), securityGroupPolicies: [], subnets });
}

function ran(input: Parameters<typeof runFix>[0], order: FixOrder): FixRun {
  const steps = runFix(input, order);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function prepared(nodes: number) {
  const view = new ClusterView(large(nodes));
  const fleet = fleetOf(view);
  if ("why" in fleet) throw new Error(fleet.why);
  const [pace] = pacesFor(nodes);
  const order: FixOrder = { changes: [setEnvChange(view, TIGHT)], pace: pace!, isStalled: false };
  return { input: fleet.input, order };
}

describe("a sample of a large fleet", () => {
  test("has a tenth of the nodes and says of every address what the whole fleet does, in about the time", () => {
    const { input, order } = prepared(400);
    const sample = sampleOf(input);
    expect(sample?.input.initial?.nodes).toHaveLength(40);
    const ofSample = wholeFleet(sample!, ran(sample!.input, { ...order, changes: onSample(sample!, order.changes) }));
    const ofWhole = ran(input, order);
    expect(ofSample?.freeBefore).toEqual(ofWhole.freeBefore);
    expect(ofSample?.freeAfter).toEqual(ofWhole.freeAfter);
    expect(ofSample!.movedAt / ofWhole.movedAt).toBeGreaterThan(0.8);
    expect(ofSample!.movedAt / ofWhole.movedAt).toBeLessThan(1.25);
  });

  test("says nothing where nodes ask for addresses: then one may take what another wants", () => {
    const { input, order } = prepared(400);
    const sample = sampleOf(input);
    const env = { WARM_IP_TARGET: "40" };
    const more: FixOrder = { ...order, changes: [{ kind: "set-env", atMs: 0, env, maxUnavailable: 40 }] };
    expect(wholeFleet(sample!, ran(sample!.input, more))).toBeUndefined();
  });

  test("is not taken of a small fleet", () => {
    expect(sampleOf(prepared(100).input)).toBeUndefined();
  });

  test("gives the same effect as a diagnosis needs it, with pods that wait run whole", () => {
    const effect = (waiting: number): SimulatedEffect => {
      const snapshot = large(400, waiting);
      const small = { ...snapshot, subnets: [aSubnet({ cidr: cidr4("10.0.0.0/16"), free: 0 })] };
      const told = diagnose(small).findings.find(({ id }) => id === "subnet-full")?.effect;
      if (told?.basis !== "simulated") throw new Error(`it is not simulated: ${told?.text}`);
      return told;
    };
    const [none, one] = [effect(0), effect(1)];
    expect(none).toMatchObject({ isExact: true, podsStarted: 0 });
    expect(one.podsStarted + none.podsStarted).toBeLessThanOrEqual(1);
    expect(none.subnets[0]?.freeAfter).toBeGreaterThan(none.subnets[0]?.freeBefore ?? Number.MAX_SAFE_INTEGER);
  });
});

test("the moment of a run is what its result says", () => {
  const { input } = prepared(20);
  const fleet = createFleet({ ...input, durationMs: 60_000 });
  fleet.advance(60_000);
  expect(fleet.moment().free).toEqual(fleet.result().summary.subnets.map(({ free }) => free));
  const held = fleet.nodeHoldings().reduce((sum, { addresses }) => sum + (addresses[0] ?? 0), 0);
  expect(held).toBe(65_531 - (fleet.moment().free[0] ?? 0));
});
