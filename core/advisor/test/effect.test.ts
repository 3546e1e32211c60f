import { diagnose, type Finding, type Snapshot } from "@slash28/advisor";
import { asId, cidr4, ipv4, type EniId, type InstanceId } from "@slash28/address";
import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { aNode, aSubnet, changed, healthy, SUBNET_A, subnetId, VPC, withEnv, withNodes } from "./a-cluster.ts";

const BY_DEFAULT = { WARM_ENI_TARGET: "1", WARM_IP_TARGET: undefined, MINIMUM_IP_TARGET: undefined };

function withEffect(snapshot: Snapshot, id: string): Finding | undefined {
  return diagnose(snapshot).findings.find((finding) => finding.id === id);
}

const STRANGE: readonly Partial<Snapshot>[] = [
  {},
  { pods: [] },
  { enis: [] },
  { enis: healthy().enis.slice(1) },
  { instances: [] },
  { vpcs: [{ id: healthy().vpcs[0]!.id, cidrs: [cidr4("192.168.0.0/16")] }] },
  { vpcs: [] },
  { nodes: healthy().nodes.slice(0, 1) },
  { nodes: healthy().nodes.map((node) => ({ ...node, maxPods: 0 })) },
  { nodes: healthy().nodes.map((node) => ({ ...node, zone: "us-east-1z" })) },
  { enis: healthy().enis.map((eni) => ({ ...eni, deviceIndex: 3 })) },
  { enis: healthy().enis.map((eni) => ({ ...eni, prefixes: [cidr4("10.0.1.0/28")] })) },
  { enis: healthy().enis.map((eni) => ({ ...eni, primaryAddress: ipv4("10.0.9.9") })) },
  { instances: healthy().instances.map((instance) => ({ ...instance, type: "t2.micro" })) },
  { instances: healthy().instances.map((instance) => ({ ...instance, type: "z9.huge" })) },
  { subnets: [aSubnet({ cidr: cidr4("10.0.1.0/28"), free: 0 })] },
  { reservations: [{ subnetId: SUBNET_A, cidr: cidr4("10.0.1.0/26"), kind: "explicit" }] },
  { reservations: [{ subnetId: SUBNET_A, cidr: cidr4("10.0.7.0/28"), kind: "prefix" }] },
];

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

test("replaced nodes take the pods' addresses out of the subnet that was to be relieved", () => {
  const env = {
    AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true",
    ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone",
    ENABLE_POD_ENI: undefined,
  };
  const snapshot = withEnv(env, {
    ...withNodes([aNode({ index: 0, pods: 6 }), aNode({ index: 1, pods: 6 })]),
    securityGroupPolicies: [],
    subnets: [aSubnet({ free: 233 }), aSubnet({ id: subnetId("subnet-pods"), cidr: cidr4("100.64.0.0/19"), free: 8187 })],
    vpcs: [{ id: VPC, cidrs: [cidr4("10.0.0.0/16"), cidr4("100.64.0.0/16")] }],
    eniConfigs: [{ name: "us-east-1a", subnetId: subnetId("subnet-pods"), groupIds: [] }],
  });
  const effect = withEffect(snapshot, "custom-networking-on-old-nodes")?.effect;
  // Spare addresses go back anyway, for the primary ENI takes no pods any more; those of the twelve pods go with the old nodes.
  expect(effect?.subnets[0]).toEqual({ id: SUBNET_A, freeBefore: 237, freeAfter: 249 });
  expect(effect?.text).toMatch(/^frees 12 addresses in .* needs node replacement: yes$/);
});

test("a new subnet serves the pods that a fragmented one leaves waiting", () => {
  const h = healthy();
  const strangers = Array.from({ length: 16 }, (_, block) => ({
    ...h.enis[0]!,
    id: asId<EniId>(`eni-x${block}`),
    instanceId: asId<InstanceId>(`i-x${block}`),
    primaryAddress: ipv4(`10.0.1.${block * 16 + 6}`),
    addresses: [],
  }));
  const made = withNodes([aNode({ index: 0, pods: 9, spare: 0, waiting: 2, maxPods: 110 })]);
  const snapshot = withEnv(
    { ENABLE_PREFIX_DELEGATION: "true", ENABLE_POD_ENI: undefined },
    { ...made, enis: [...made.enis, ...strangers], securityGroupPolicies: [], subnets: [aSubnet({ free: 251 - 10 - 16 })] },
  );
  expect(withEffect(snapshot, "subnet-fragmented")?.effect?.text).toMatch(/frees no addresses.*needs node replacement: no/);
});

/** What the parts of a snapshot come to when some are of another moment, or another cluster, than the rest. */
property.prop([fc.constantFrom(...STRANGE), fc.constantFrom(...STRANGE)])("parts that do not fit together make nothing throw", (a, b) => {
  const full = healthy().subnets.map((subnet) => ({ ...subnet, free: 0 }));
  expect(diagnose({ ...withEnv(BY_DEFAULT), subnets: full, ...a, ...b }).findings.length).toBeGreaterThan(0);
});
