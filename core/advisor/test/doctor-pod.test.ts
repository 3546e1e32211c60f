import { doctorPod, type PodDiagnosis, type Snapshot } from "@slash28/advisor";
import { ipv4 } from "@slash28/address";
import { expect, test } from "vitest";
import { aNode, aPod, branchPod, changed, ENV, healthy, SUBNET_A, withEnv, withNodes } from "./a-cluster.ts";

const H = healthy();
const stuck = aPod("stuck", { nodeName: "node-0", phase: "Pending", isReady: false, waitingFor: ["ContainerCreating"] });
const withStuck = (change: Partial<Snapshot> = {}): Snapshot => changed({ pods: [...H.pods, stuck], ...change });

function of(snapshot: Snapshot, name = "stuck"): PodDiagnosis {
  const diagnosis = doctorPod(snapshot, "shop", name);
  if (diagnosis === undefined) throw new Error(`there is no pod shop/${name}`);
  return diagnosis;
}

function states({ steps }: PodDiagnosis): Readonly<Record<string, string>> {
  return Object.fromEntries(steps.map(({ id, state }) => [id, state]));
}

test("goes through the steps in seed 001's order", () => {
  expect(of(withStuck()).steps.map(({ id }) => id)).toEqual(["pod", "agent", "instance", "subnet", "quota", "branch-enis"]);
});

test("a pod with an address, or on the host's network, needs no further look", () => {
  expect(of(H, "web-0").verdict).toBe("shop/web-0: it has 10.0.1.13.");
  expect(of(changed({ pods: [{ ...stuck, isOnHostNetwork: true }] })).verdict).toMatch(/on its node's network/);
  expect(doctorPod(H, "shop", "nobody")).toBeUndefined();
});

test("a full subnet is the reason, the agent's words are the sign, and the finding has the fix", () => {
  const events = [
    {
      namespace: "shop",
      name: "e",
      reason: "InsufficientFreeAddresses",
      message: "full",
      type: "Warning",
      about: { kind: "Pod", namespace: "shop", name: "stuck" },
      count: 4,
    },
  ];
  const diagnosis = of(
    withStuck({ events, subnets: H.subnets.map((subnet) => (subnet.id === SUBNET_A ? { ...subnet, free: 0 } : subnet)) }),
  );
  expect(states(diagnosis)).toEqual({ pod: "ok", agent: "failed", instance: "ok", subnet: "failed", quota: "ok", "branch-enis": "ok" });
  expect(diagnosis.verdict).toBe(`shop/stuck has no address: ${SUBNET_A} has 0 of 251 addresses free.`);
  expect(diagnosis.findings.map(({ id }) => id)).toEqual(["subnet-full"]);
});

test("with prefixes it is a whole /28 that counts", () => {
  const enis = Array.from({ length: 16 }, (_, block) => ({
    ...H.enis[0]!,
    id: `eni-${block}` as never,
    instanceId: `i-${block}` as never,
    primaryAddress: ipv4(`10.0.1.${block * 16 + 6}`),
    addresses: [],
  }));
  const diagnosis = of(withEnv({ ENABLE_PREFIX_DELEGATION: "true" }, { pods: [...H.pods, stuck], enis: [...enis, ...H.enis] }));
  expect(states(diagnosis)).toMatchObject({ subnet: "failed" });
  expect(diagnosis.findings.map(({ id }) => id)).toContain("subnet-fragmented");
});

test("an instance that is full, whatever its subnet has", () => {
  const nodes = withNodes([aNode({ index: 0, pods: 27, spare: 0, maxPods: 110 })]);
  const diagnosis = of(withEnv({}, { ...nodes, pods: [...nodes.pods, stuck] }));
  expect(states(diagnosis)).toMatchObject({ instance: "failed", subnet: "ok" });
  expect(diagnosis.verdict).toMatch(/of 28 pods on it that need an address it can serve 27/);
});

test("the account's quota", () => {
  expect(states(of(withStuck({ quotas: [{ code: "L-DF5E4CA3", name: "q", value: 4 }] })))).toMatchObject({ quota: "failed" });
});

test("a pod that needs a branch ENI: its node has them all in use, or can have none", () => {
  const waiting = { ...branchPod, name: "pay-2", addresses: [], phase: "Pending" };
  const pods = [...H.pods, waiting];
  const nodes = H.nodes.map((node) => ({ ...node, branchPods: 1 }));
  expect(states(of(changed({ pods, nodes }), "pay-2"))).toMatchObject({ "branch-enis": "failed" });
  expect(states(of(changed({ pods, nodes: H.nodes.map((node) => ({ ...node, branchPods: 9 })) }), "pay-2"))).toMatchObject({
    "branch-enis": "ok",
  });
  const old = withNodes([aNode({ index: 0, type: "t2.large" })]);
  expect(of(changed({ ...old, pods: [waiting] }), "pay-2").verdict).toMatch(/t2.large can have no trunk ENI/);
});

test("a pod without a node: what the scheduler says", () => {
  const { nodeName: _, ...homeless } = stuck;
  const pod = { ...homeless, unschedulable: "0/4 nodes are available: 4 Too many pods." };
  expect(of(changed({ pods: [pod] })).verdict).toMatch(/no node yet.*Too many pods/);
});

test("what is not in the snapshot is not known, and is said so", () => {
  const diagnosis = of({ pods: [stuck] });
  expect(states(diagnosis)).toEqual({
    pod: "ok",
    agent: "unknown",
    instance: "unknown",
    subnet: "unknown",
    quota: "unknown",
    "branch-enis": "unknown",
  });
  expect(diagnosis.verdict).toMatch(/not known: agent, instance, subnet, quota, branch-enis/);
});

test("custom networking without an ENIConfig for the node", () => {
  const env = { ...ENV, AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" };
  expect(of(withEnv(env, { pods: [...H.pods, stuck] })).verdict).toMatch(/there is no ENIConfig us-east-1a/);
});
