import { diagnose, type SimulatedEffect, type Snapshot } from "@slash28/advisor";
import { asId, cidr4, ipv4, type EniId, type InstanceId } from "@slash28/address";
import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { aNode, aSubnet, changed, healthy, SUBNET_A, subnetId, VPC, withEnv, withNodes } from "./a-cluster.ts";

const BY_DEFAULT = { WARM_ENI_TARGET: "1", WARM_IP_TARGET: undefined, MINIMUM_IP_TARGET: undefined };

function effectOf(snapshot: Snapshot, id: string) {
  return diagnose(snapshot).findings.find((finding) => finding.id === id)?.effect;
}

function simulated(snapshot: Snapshot, id: string): SimulatedEffect {
  const effect = effectOf(snapshot, id);
  if (effect?.basis !== "simulated") throw new Error(`${id} is not simulated: ${effect?.text ?? "it is not found"}`);
  return effect;
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
  const effect = simulated(fifty(), "warm-enis-hoarding");
  // 28 held per node, 4 kept; the second ENI goes with its primary address.
  expect(effect).toMatchObject({
    isExact: true,
    subnets: [{ id: SUBNET_A, freeBefore: 8187 - 1500, freeAfter: 8187 - 50 * (1 + 4) }],
    podsDelayed: 0,
    podsStarted: 0,
    needsNodeReplacement: false,
  });
  // Ten rounds of restarts of half a minute each at the slowest; ENIs stay a minute at the quickest.
  expect(effect.text).toBe(`frees 1250 addresses in ${SUBNET_A} within 1 to 6 min; 0 pods delayed; needs node replacement: no`);
});

test("the same snapshot gives the same effect", () => {
  expect(effectOf(fifty(), "warm-enis-hoarding")).toEqual(effectOf(fifty(), "warm-enis-hoarding"));
});

test("a full subnet: pods that wait get their addresses by what the fix gives back", () => {
  const nodes = [aNode({ index: 0, pods: 2, spare: 7 }), aNode({ index: 1, pods: 9, spare: 0, waiting: 3 })];
  const snapshot = withEnv(BY_DEFAULT, { ...withNodes(nodes), securityGroupPolicies: [], subnets: [aSubnet({ free: 0 })] });
  const effect = simulated(snapshot, "subnet-full");
  expect(effect.podsStarted).toBe(3);
  expect(effect.text).toMatch(/3 waiting pods start within \d+ s/);
});

test("where no address moves that is said, and where the snapshot does not tell enough, why", () => {
  const h = healthy();
  const drop = changed({ firewalls: [{ source: "n", forwardPolicy: "drop" }] });
  expect(effectOf(drop, "forward-policy-drop")).toEqual({
    basis: "stated",
    text: "no addresses move; 0 pods delayed; needs node replacement: no",
    subnets: [],
    podsStarted: 0,
    podsDelayed: 0,
    needsNodeReplacement: false,
  });
  const { enis: _, ...blind } = changed({ subnets: h.subnets.map((subnet) => ({ ...subnet, free: 0 })) });
  expect(effectOf(blind, "subnet-full")).toMatchObject({
    basis: "unknown",
    subnets: null,
    podsDelayed: null,
    why: "the network interfaces are not in the snapshot",
  });
});

test("a snapshot that contradicts itself has an effect that nobody knows rather than an error", () => {
  const [first, second, ...rest] = healthy().enis;
  const twice = withEnv(BY_DEFAULT, {
    enis: [first!, { ...second!, addresses: first!.addresses }, ...rest],
    subnets: healthy().subnets.map((subnet) => ({ ...subnet, free: 0 })),
  });
  expect(effectOf(twice, "subnet-full")?.text).toMatch(/^not simulated: the parts of the snapshot do not fit together/);
});

test("a quota that is raised lets pods start that wait for a network interface", () => {
  const nodes = [aNode({ index: 0, pods: 9, spare: 0, waiting: 4 })];
  // One of the two is somebody else's.
  const quotas = [{ code: "L-DF5E4CA3", name: "q", value: 2 }];
  const made = withNodes(nodes);
  const [own] = made.enis;
  const other = {
    ...own!,
    id: asId<EniId>("eni-x"),
    instanceId: asId<InstanceId>("i-x"),
    primaryAddress: ipv4("10.0.1.200"),
    addresses: [],
  };
  const change = { ...made, enis: [own!, other], securityGroupPolicies: [], quotas, subnets: [aSubnet({ free: 240 })] };
  // Two more ENIs, full: one for the pods, one that is kept warm.
  expect(simulated(withEnv(BY_DEFAULT, change), "account-eni-quota")).toMatchObject({
    podsStarted: 4,
    subnets: [{ freeBefore: 240, freeAfter: 220 }],
  });
});

test("permissions that come back let waiting pods start, and count from what was observed", () => {
  const nodes = [aNode({ index: 0, pods: 9, spare: 0, waiting: 4 })];
  const change = { ...withNodes(nodes), securityGroupPolicies: [], subnets: [aSubnet({ free: 241 })] };
  const snapshot = withEnv(BY_DEFAULT, { ...change, roles: [{ name: "cni", attached: ["AmazonEKSWorkerNodePolicy"], documents: [] }] });
  const effect = simulated(snapshot, "missing-ec2-permissions");
  expect(effect).toMatchObject({ podsStarted: 4, subnets: [{ freeBefore: 241, freeAfter: 221 }] });
  expect(effect.text).toMatch(/^takes 20 addresses in .* 4 waiting pods start within \d+ min; 0 pods delayed/);
});

test("an ENIConfig for a zone that had none gives its nodes' pods addresses of the subnet it names", () => {
  const env = {
    AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true",
    ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone",
    ENABLE_POD_ENI: undefined,
  };
  const pods = subnetId("subnet-pods");
  const snapshot = withEnv(env, {
    ...withNodes([aNode({ index: 0, pods: 0, spare: 0, waiting: 3 })]),
    securityGroupPolicies: [],
    subnets: [aSubnet({ free: 250 }), aSubnet({ id: pods, cidr: cidr4("100.64.0.0/19"), free: 8187 })],
    vpcs: [{ id: VPC, cidrs: [cidr4("10.0.0.0/16"), cidr4("100.64.0.0/16")] }],
    eniConfigs: [],
  });
  // The ENI itself, three pods, and two addresses that are kept free.
  expect(simulated(snapshot, "eni-config-missing-for-zone")).toMatchObject({
    podsStarted: 3,
    subnets: [
      { id: SUBNET_A, freeBefore: 250, freeAfter: 250 },
      { id: pods, freeBefore: 8187, freeAfter: 8181 },
    ],
  });
});

test("nodes with max pods for prefixes take the old ones' pods; each of the fleet's findings says whether nodes are replaced", () => {
  const snapshot = withEnv({ ENABLE_PREFIX_DELEGATION: "true", ENABLE_POD_ENI: undefined }, { securityGroupPolicies: [] });
  const effect = simulated(snapshot, "max-pods-left-old");
  expect(effect.needsNodeReplacement).toBe(true);
  expect(effect.text).toMatch(/needs node replacement: yes$/);
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
  const effect = simulated(snapshot, "custom-networking-on-old-nodes");
  // Spare addresses go back anyway, for the primary ENI takes no pods any more; those of the twelve pods go with the old nodes.
  expect(effect.subnets[0]).toEqual({ id: SUBNET_A, freeBefore: 237, freeAfter: 249 });
  expect(effect.text).toMatch(/^frees about 12 addresses in .* needs node replacement: yes$/);
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
  expect(effectOf(snapshot, "subnet-fragmented")?.text).toMatch(
    /^frees no addresses; adds 8187 by a new subnet; 0 pods delayed; needs node replacement: no$/,
  );
});

/** What the parts of a snapshot come to when some are of another moment, or another cluster, than the rest. */
property.prop([fc.constantFrom(...STRANGE), fc.constantFrom(...STRANGE)])("parts that do not fit together make nothing throw", (a, b) => {
  const full = healthy().subnets.map((subnet) => ({ ...subnet, free: 0 }));
  expect(diagnose({ ...withEnv(BY_DEFAULT), subnets: full, ...a, ...b }).findings.length).toBeGreaterThan(0);
});
