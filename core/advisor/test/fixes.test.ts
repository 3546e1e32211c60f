import { cidr4 } from "@slash28/address";
import { findingsIn, type Snapshot } from "@slash28/advisor";
import { expect, test } from "vitest";
import {
  agentImage,
  agentWith,
  aNode,
  aSubnet,
  branchPod,
  changed,
  ENV,
  healthy,
  POD_GROUP,
  SUBNET_A,
  subnetId,
  VPC,
  withEnv,
  withNodes,
} from "./a-cluster.ts";

const H = healthy();
const CUSTOM = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" };

function commandsOf(snapshot: Snapshot, id: string): readonly string[] {
  return findingsIn(snapshot)
    .filter((finding) => finding.id === id)
    .flatMap(({ fix }) => fix.commands);
}

test("each zone's new subnet has a range of its own, and the VPC gets a range only where it has none for it", () => {
  const full = H.subnets.map((subnet) => ({ ...subnet, free: 0 }));
  const made = commandsOf(changed({ subnets: full }), "subnet-full").filter((command) => command.includes("create-subnet"));
  expect(made.map((command) => /--cidr-block (\S+) --availability-zone (\S+)/.exec(command)?.slice(1))).toEqual([
    ["100.64.0.0/19", "us-east-1a"],
    ["100.64.32.0/19", "us-east-1b"],
  ]);
  const vpcs = [{ id: VPC, cidrs: [cidr4("10.0.0.0/16"), cidr4("100.64.0.0/16")] }];
  const taken = [...full, aSubnet({ id: subnetId("subnet-x"), cidr: cidr4("100.64.0.0/18"), free: 9 })];
  const later = commandsOf(changed({ subnets: taken, vpcs }), "subnet-full");
  expect(later.join("\n")).toContain("--cidr-block 100.64.64.0/19 --availability-zone us-east-1a");
  expect(later.join("\n")).not.toContain("associate-vpc-cidr-block");
});

test("with custom networking the new subnet goes into the ENIConfigs that name the full one, by the id that its making prints", () => {
  const full = withEnv(CUSTOM, {
    subnets: H.subnets.map((subnet) => ({ ...subnet, free: 0 })),
    eniConfigs: [
      { name: "us-east-1a", subnetId: SUBNET_A, groupIds: [] },
      { name: "us-east-1b", subnetId: SUBNET_A, groupIds: [] },
    ],
  });
  const patches = commandsOf(full, "subnet-full").filter((command) => command.includes("kubectl patch eniconfig"));
  expect(patches[0]).toBe(`kubectl patch eniconfig us-east-1a --type merge -p "{\\"spec\\":{\\"subnet\\":\\"$POD_SUBNET\\"}}"`);
});

test("an ENIConfig names the roomiest subnet that is for pods, not the nodes' or a public one; without any, a new one", () => {
  const roomy = aSubnet({ id: subnetId("subnet-roomy"), cidr: cidr4("100.64.0.0/19"), free: 8000 });
  const tagged = aSubnet({
    id: subnetId("subnet-tagged"),
    cidr: cidr4("100.64.32.0/20"),
    free: 4000,
    tags: { "kubernetes.io/role/cni": "1" },
  });
  const nodes = withNodes([aNode({ index: 0, pods: 0, spare: 0 })]);
  const missing = (subnets: Snapshot["subnets"]): string =>
    commandsOf(withEnv(CUSTOM, { ...nodes, subnets: subnets ?? [], eniConfigs: [] }), "eni-config-missing-for-zone").join("\n");
  expect(missing([...H.subnets, roomy, tagged])).toContain('"subnet": "subnet-tagged"');
  expect(missing([...H.subnets, roomy])).toContain('"subnet": "subnet-roomy"');
  expect(missing(H.subnets)).toContain('"subnet": "$POD_SUBNET"');
  expect(missing(H.subnets)).toContain('"securityGroups": [\n      "sg-000000000000node0"');
});

test("a group with a launch template gets a new version of it, with max pods in its user data; one without is only rolled", () => {
  const prefixes = { ENABLE_PREFIX_DELEGATION: "true" };
  expect(commandsOf(withEnv(prefixes), "max-pods-left-old")).toEqual([
    "aws eks update-nodegroup-version --cluster-name prod --nodegroup-name workers",
    "aws eks wait nodegroup-active --cluster-name prod --nodegroup-name workers",
  ]);
  const nodeGroups = [{ ...H.nodeGroups[0]!, launchTemplate: { id: "lt-1", version: "3" } }];
  const commands = commandsOf(withEnv(prefixes, { nodeGroups }), "max-pods-left-old").join("\n");
  expect(commands).toContain("create-launch-template-version --launch-template-id lt-1 --source-version '3'");
  expect(commands).toContain("spec.kubelet.config.maxPods: 110");
  expect(commands).toContain('--launch-template id=lt-1,version="$VERSION"');
});

test("a VPC CNI that an add-on brought is walked on by the add-on, one that was set by hand by its images, through every minor between", () => {
  const revisions = [{ ...H.revisions[0]!, images: [agentImage("1.18.6")] }, H.revisions[1]!];
  const byAddon = commandsOf(changed({ revisions }), "skipped-cni-minor-versions");
  const asked = byAddon.flatMap((command) => /'v(1\.\d+)\.'/.exec(command)?.[1] ?? []);
  expect(asked).toEqual(["1.19", "1.20", "1.21"]);
  expect(byAddon.filter((command) => command.includes("update-addon"))).toHaveLength(3);
  const byHand = commandsOf(changed({ revisions, addons: [] }), "skipped-cni-minor-versions");
  expect(byHand).toContain(
    'kubectl set image daemonset aws-node -n kube-system aws-node=602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:"$VERSION"',
  );
});

test("pods that have to be made again are rolled by their owners, once each", () => {
  const pods = [
    { ...branchPod, owner: { kind: "ReplicaSet", name: "pay-64fdc68dd4" } },
    { ...branchPod, name: "pay-2", owner: { kind: "ReplicaSet", name: "pay-64fdc68dd4" } },
    { ...branchPod, name: "pay-3", owner: { kind: "StatefulSet", name: "books" } },
    { ...branchPod, name: "pay-4" },
  ];
  const securityGroupPolicies = [{ ...H.securityGroupPolicies[0]!, groupIds: [POD_GROUP] }];
  const commands = commandsOf(
    changed({ pods: [...H.pods.filter((pod) => pod !== branchPod), ...pods], securityGroupPolicies }),
    "security-group-policy-without-cluster-group",
  );
  expect(commands.slice(1)).toEqual([
    "kubectl rollout restart -n shop deployment/pay",
    "kubectl rollout restart -n shop statefulset/books",
    "kubectl delete pod -n shop pay-4",
  ]);
});

test("where the role may do all, whoever denies is looked for; where it lacks a policy, the policy is attached", () => {
  const events = [
    {
      name: "e",
      reason: "MissingIAMPermissions",
      message: "ec2:AssignPrivateIpAddresses",
      type: "Warning",
      about: { kind: "Pod", name: "a" },
      count: 1,
    },
  ];
  expect(commandsOf(changed({ events }), "missing-ec2-permissions")[0]).toContain("PermissionsBoundary");
  const roles = [{ name: "cni", attached: [], documents: [] }];
  expect(commandsOf(changed({ events, roles }), "missing-ec2-permissions")[0]).toContain("attach-role-policy --role-name cni");
});

test("without EKS's word the cluster's name is that of its instances' tags", () => {
  const { cluster: _, ...without } = changed({
    instances: H.instances.map((instance) => ({ ...instance, tags: { "kubernetes.io/cluster/tagged": "owned" } })),
    daemonSets: [agentWith({ ...ENV, ENABLE_PREFIX_DELEGATION: "true" })],
  });
  expect(commandsOf(without, "max-pods-left-old")[0]).toContain("--cluster-name tagged ");
});

test("a full subnet beside one with room for the same nodes' pods is less bad, and a fragmented one is none", () => {
  const tagged = aSubnet({
    id: subnetId("subnet-tagged"),
    cidr: cidr4("100.64.0.0/19"),
    free: 8187,
    tags: { "kubernetes.io/role/cni": "1" },
  });
  const [full] = findingsIn(changed({ subnets: [aSubnet({ free: 0 }), tagged] })).filter(({ id }) => id === "subnet-full");
  expect(full?.severity).toBe("warning");
  expect(full?.evidence.map(({ value }) => value)).toContain(8187);
});
