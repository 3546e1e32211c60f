import { readFileSync } from "node:fs";
import { checkClusterFile, type ClusterFile } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { eventually, labUnderTest, webDeployment, workloadsOf } from "../src/index.ts";

/**
 * examples/full-vpc.yaml at a tenth of its size in nodes and addresses: three /27 for six nodes each instead of three /24 for sixty each.
 * simulate/test/full-vpc.test.ts has the numbers at full size.
 */
const file = exampleFile();
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"] as const;
/** EC2 keeps five of each subnet. */
const USABLE = 27;
const OLD_NODES = 18;
/** What nodes hold before any pod; then six pods a node. Kubelets would take 27, and each subnet has 21 addresses for them. */
const AT_REST = 36;
const PER_NODE = 6;
const WANTED = OLD_NODES * PER_NODE;
const ROOM = 63;
/** As many pods as 18 nodes of 29 need five nodes of 110; six are two in each zone. */
const NEW_NODES_PER_ZONE = 2;

const lab = labUnderTest();
const { apply, scale, pods, running } = workloadsOf(lab);
const state = { vpc: "", group: "", running: 0, ofEks: [0, 0, 0] };

function exampleFile(): ClusterFile {
  const text = readFileSync(new URL("../../examples/full-vpc-tenth.yaml", import.meta.url), "utf8");
  const checked = checkClusterFile(parse(text));
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.file;
}

const query = async (...args: readonly string[]): Promise<string> => (await lab.aws([...args, "--output", "text"])).trim();

interface SubnetItem {
  readonly SubnetId: string;
  readonly CidrBlock: string;
  readonly AvailabilityZone: string;
  readonly AvailableIpAddressCount: number;
}

/** The routable subnets, by zone, as EC2 describes them. */
async function routable(): Promise<readonly SubnetItem[]> {
  const { Subnets } = JSON.parse(
    await lab.aws(["ec2", "describe-subnets", "--filters", `Name=vpc-id,Values=${state.vpc}`, "--output", "json"]),
  ) as { Subnets: SubnetItem[] };
  return Subnets.filter((subnet) => subnet.CidrBlock.startsWith("10.20.")).toSorted((a, b) =>
    a.AvailabilityZone.localeCompare(b.AvailabilityZone),
  );
}
/** Addresses that EKS's control plane holds in the routable subnets, by zone. */
async function heldByEks(): Promise<number[]> {
  const filters = ["--filters", `Name=description,Values=Amazon EKS ${lab.name}`];
  const ids = await query("ec2", "describe-network-interfaces", ...filters, "--query", "NetworkInterfaces[].SubnetId");
  return (await routable()).map(({ SubnetId }) => ids.split(/\s+/).filter((id) => id === SubnetId).length);
}
const usable = (index: number): number => USABLE - (state.ofEks[index] ?? 0);
/** The same counts without starting a program, for what is waited for. */
const free = async (): Promise<readonly number[]> =>
  (await lab.status()).subnets
    .filter(({ cidr }) => cidr.startsWith("10.20."))
    .toSorted((a, b) => a.zone.localeCompare(b.zone))
    .map((subnet) => subnet.free);

function runInstances(subnetId: string, count: number, group: string): readonly string[] {
  const tags = [
    `{Key=kubernetes.io/cluster/${lab.name},Value=owned}`,
    `{Key=eks:nodegroup-name,Value=${group}}`,
    "{Key=slash28.dev/max-pods,Value=110}",
  ];
  const what = `--image-id ami-0a1b2c3d4e5f60718 --instance-type m5.large --count ${count} --subnet-id ${subnetId}`;
  const who = `--security-group-ids ${state.group} --iam-instance-profile Name=slash28-node`;
  return ["ec2", "run-instances", ...`${what} ${who}`.split(" "), "--tag-specifications", `ResourceType=instance,Tags=[${tags.join(",")}]`];
}

/** Makes the file's node group smaller: EKS drains nodes, evenly over the zones, and ends their instances. */
async function shrinkTo(size: number): Promise<void> {
  const group = ["--cluster-name", lab.name, "--nodegroup-name", "general"];
  await lab.aws(["eks", "update-nodegroup-config", ...group, "--scaling-config", `desiredSize=${size}`]);
  await eventually(
    "the others' Nodes to go",
    async () => {
      const nodes = await lab.kubectl(["get", "nodes", "-l", "eks.amazonaws.com/nodegroup=general", "-o", "name"]);
      return nodes.split("\n").filter(Boolean).length === size;
    },
    120_000,
  );
  await lab.aws(["eks", "wait", "nodegroup-active", ...group], { timeoutMs: 120_000 });
}

beforeAll(async () => {
  await lab.up({ cluster: file, timeoutMs: 200_000 });
  // Agents in batches of a tenth of the nodes would take most of this test's time.
  const strategy = JSON.stringify({ spec: { updateStrategy: { rollingUpdate: { maxUnavailable: "50%" } } } });
  await lab.kubectl(["patch", "daemonset", "aws-node", "-n", "kube-system", "--type=merge", "-p", strategy]);
  state.vpc = await query("ec2", "describe-vpcs", "--filters", `Name=tag:Name,Values=${lab.name}-vpc`, "--query", "Vpcs[0].VpcId");
  const groups = ["--filters", `Name=group-name,Values=eks-cluster-sg-${lab.name}`, "--query", "SecurityGroups[0].GroupId"];
  state.group = await query("ec2", "describe-security-groups", ...groups);
  state.ofEks = await heldByEks();
}, 220_000);
afterAll(async () => {
  await lab.down();
}, 90_000);

test("P10 nodes and their warm addresses leave a few free in each subnet; pods take them all, and the rest wait for an address", async () => {
  const used = (OLD_NODES + AT_REST) / ZONES.length;
  await eventually("the nodes to hold what they keep warm", async () =>
    (await free()).every((count, index) => count === usable(index) - used),
  );
  await apply(webDeployment("payments", AT_REST));
  await running(AT_REST, 60_000, "-l", "app=payments");
  await scale("payments", WANTED);
  await eventually("the subnets to be full", async () => (await free()).every((count) => count === 0), 60_000);
  await eventually(
    "a pod to run at each address that is not kept warm",
    async () => {
      const found = await pods("-l", "app=payments");
      state.running = found.filter((pod) => pod.status.phase === "Running").length;
      const { nodes } = await lab.status();
      const held = nodes.reduce((sum, node) => sum + node.addresses.held, 0);
      // A node that has all its pods may keep one address warm, which no other node can use.
      const warm = nodes.filter((node) => node.addresses.held > PER_NODE).length;
      const room = ROOM - state.ofEks.reduce((sum, count) => sum + count, 0);
      if (held !== room || state.running !== room - warm) throw new Error(`${held} held, ${warm} warm, ${state.running} run`);
      // The rest have a node: there is room for pods, and none for their addresses.
      return found.every((pod) => pod.spec.nodeName !== undefined);
    },
    // A subnet that refused is asked again after 5 s at first, and kubelet tries a pod again after 15 s at most.
    90_000,
  );
  expect(state.running).toBeLessThan(WANTED - 40);
});

test("P10 the waiting pods are told that their subnet is full, kubectl and aws show why, and no node can be added", async () => {
  const waiting = (await pods("-l", "app=payments")).find((pod) => pod.status.phase === "Pending")?.metadata.name ?? "";
  await eventually("kubectl describe to name the cause and a remedy", async () => {
    const text = await lab.kubectl(["describe", "pod", waiting]);
    return /FailedCreatePodSandBox[^\n]*subnet-\w+ is full: it has no free address; add a subnet tagged/.test(text);
  });
  const [tight] = await routable();
  const refused = await lab.awsRaw(runInstances(tight?.SubnetId ?? "", 1, "more"));
  expect(refused.stderr).toContain("InsufficientFreeAddressesInSubnet");
  const idle = await lab.kubectl(["get", "nodes", "-o", "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"]);
  expect(idle.split(" ")).toEqual(Array.from({ length: OLD_NODES }, () => "True"));
});

test("P10 first move: pods get 100.64.0.0/16, with a /19 and an ENIConfig for each zone, and prefixes", async () => {
  await lab.aws(["ec2", "associate-vpc-cidr-block", "--vpc-id", state.vpc, "--cidr-block", "100.64.0.0/16"]);
  for (const [index, zone] of ZONES.entries()) {
    const place = ["--vpc-id", state.vpc, "--cidr-block", `100.64.${32 * index}.0/19`, "--availability-zone", zone];
    const subnet = await query("ec2", "create-subnet", ...place, "--query", "Subnet.SubnetId");
    await apply({
      apiVersion: "crd.k8s.amazonaws.com/v1alpha1",
      kind: "ENIConfig",
      metadata: { name: zone },
      spec: { subnet, securityGroups: [state.group] },
    });
  }
  const settings =
    "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone ENABLE_PREFIX_DELEGATION=true WARM_PREFIX_TARGET=1 WARM_IP_TARGET- MINIMUM_IP_TARGET-";
  await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", ...settings.split(" ")]);
  await lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=120s"], { timeoutMs: 130_000 });
  // ENIs made from now on are in the pods' subnets, on old nodes too: whoever waited runs there.
  const all = await running(WANTED, 120_000, "-l", "app=payments");
  expect(all.filter((pod) => pod.status.podIP?.startsWith("100.64."))).toHaveLength(WANTED - state.running);
});

test("P10 second move: a third of the nodes runs every pod, and under 15 % of the routable subnets are used", async () => {
  const known = new Set((await lab.status()).nodes.map((node) => node.instanceId));
  // A full subnet has no address for a new node either: an old one makes room. A new one may get its address, and so its name.
  await shrinkTo(OLD_NODES - ZONES.length);
  for (const subnet of await routable()) await lab.aws(runInstances(subnet.SubnetId, NEW_NODES_PER_ZONE, "dense"));
  await eventually(
    "the new nodes to be ready",
    async () =>
      (await lab.status()).nodes.filter((node) => !known.has(node.instanceId) && node.ready).length === NEW_NODES_PER_ZONE * ZONES.length,
    60_000,
  );
  await shrinkTo(0);
  const all = await running(WANTED, 90_000, "-l", "app=payments");
  for (const pod of all) expect(pod.status.podIP).toMatch(/^100\.64\./);
  const { nodes } = await lab.status();
  expect(nodes.map((node) => [node.maxPods, node.ready])).toEqual(
    ZONES.flatMap(() => [
      [110, true],
      [110, true],
    ]),
  );
  await eventually("EC2 to list what the nodes alone take", async () =>
    (await free()).every((count, index) => count === usable(index) - NEW_NODES_PER_ZONE),
  );
  const used = (await routable()).map((subnet) => (USABLE - subnet.AvailableIpAddressCount) / USABLE);
  expect(Math.max(...used)).toBeLessThan(0.15);
  const page = await lab.kubectl([
    "exec",
    all[0]?.metadata.name ?? "",
    "--",
    "curl",
    "-sf",
    "--max-time",
    "5",
    `http://${all.at(-1)?.status.podIP}`,
  ]);
  expect(page).toContain(all.at(-1)?.metadata.name);
});
