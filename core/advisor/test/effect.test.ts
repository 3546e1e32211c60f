import { diagnose, type Finding, type Snapshot } from "@slash28/advisor";
import { cidr4 } from "@slash28/address";
import { expect, test } from "vitest";
import { aNode, aSubnet, changed, healthy, SUBNET_A, withEnv, withNodes } from "./a-cluster.ts";

const BY_DEFAULT = { WARM_ENI_TARGET: "1", WARM_IP_TARGET: undefined, MINIMUM_IP_TARGET: undefined };

function withEffect(snapshot: Snapshot, id: string): Finding | undefined {
  return diagnose(snapshot).findings.find((finding) => finding.id === id);
}

/** Seed 002's fleet: fifty m5.xlarge, two pods each, a spare ENI full of addresses beside them. */
const fifty = (): Snapshot => {
  const nodes = Array.from({ length: 50 }, (_, index) => aNode({ index, type: "m5.xlarge", pods: 2, spare: 26, inRow: 40 }));
  const inUse = 50 * (2 + 28);
  return withEnv(BY_DEFAULT, {
    ...withNodes(nodes),
    securityGroupPolicies: [],
    subnets: [aSubnet({ cidr: cidr4("10.0.0.0/19"), free: 8187 - inUse })],
  });
};

test("tight warm targets give back what the planner says, to the last address", () => {
  const finding = withEffect(fifty(), "warm-enis-hoarding");
  // 28 held per node, 4 kept; the second ENI goes with its primary address.
  expect(finding?.effect).toMatchObject({
    subnets: [{ id: SUBNET_A, freeBefore: 8187 - 1500, freeAfter: 8187 - 50 * (1 + 4) }],
    podsDelayed: 0,
    podsStarted: 0,
    needsNodeReplacement: false,
  });
  expect(finding?.effect?.text).toMatch(
    new RegExp(`^frees 1250 addresses in ${SUBNET_A} within \\d+ min; 0 pods delayed; needs node replacement: no$`),
  );
  expect(finding?.effect?.withinSeconds).toBeGreaterThan(30);
  expect(finding?.effect?.withinSeconds).toBeLessThan(1_740);
});

test("the same snapshot gives the same effect", () => {
  expect(withEffect(fifty(), "warm-enis-hoarding")).toEqual(withEffect(fifty(), "warm-enis-hoarding"));
});

test("a full subnet: pods that wait get their addresses by what the fix gives back", () => {
  const nodes = [aNode({ index: 0, pods: 2, spare: 7 }), aNode({ index: 1, pods: 9, spare: 0, waiting: 3 })];
  const snapshot = withEnv(BY_DEFAULT, { ...withNodes(nodes), securityGroupPolicies: [], subnets: [aSubnet({ free: 0 })] });
  const finding = withEffect(snapshot, "subnet-full");
  expect(finding?.effect?.podsStarted).toBe(3);
  expect(finding?.effect?.text).toMatch(/3 waiting pods start/);
});

test("what a simulation says nothing of has no effect, nor has a snapshot that does not tell enough", () => {
  const h = healthy();
  const drop = changed({ firewalls: [{ source: "n", forwardPolicy: "drop" }] });
  expect(withEffect(drop, "forward-policy-drop")?.effect).toBeUndefined();
  const { enis: _, ...blind } = changed({ subnets: h.subnets.map((subnet) => ({ ...subnet, free: 0 })) });
  expect(withEffect(blind, "subnet-full")?.id).toBe("subnet-full");
  expect(withEffect(blind, "subnet-full")?.effect).toBeUndefined();
});

test("a snapshot that contradicts itself has no effect rather than an error", () => {
  const [first, second, ...rest] = healthy().enis;
  const twice = withEnv(BY_DEFAULT, {
    enis: [first!, { ...second!, addresses: first!.addresses }, ...rest],
    subnets: healthy().subnets.map((subnet) => ({ ...subnet, free: 0 })),
  });
  expect(withEffect(twice, "subnet-full")?.id).toBe("subnet-full");
  expect(withEffect(twice, "subnet-full")?.effect).toBeUndefined();
});
