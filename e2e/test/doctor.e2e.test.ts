import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "@slash28/advisor";
import { defaultCluster, type ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest, webDeployment, workloadsOf, type LabUnderTest } from "../src/index.ts";

/** Two nodes whose warm ENIs take much of their subnet, and an account that may have few more ENIs. */
/** One for each node, whose one ENI holds a whole ENI's worth of free addresses, and one of the control plane. */
const ENIS = 3;
const SMALL: ClusterFileInput = {
  quotas: { networkInterfaces: ENIS },
  clusterDns: { enabled: false },
  vpc: {
    subnets: [
      { zone: "us-east-1a", cidr: "10.0.0.0/26" },
      { zone: "us-east-1b", cidr: "10.0.1.0/26", for: "pods" },
    ],
  },
  nodeGroups: [{ name: "main", instanceType: "m5.large", nodes: 2 }],
};
const wide = labUnderTest();
const small = labUnderTest();
const folder = mkdtempSync(join(tmpdir(), "slash28-doctor-e2e-"));
let saved = 0;

beforeAll(async () => {
  await Promise.all([wide.up({ cluster: defaultCluster({ nodes: 2 }) }), small.up({ cluster: SMALL })]);
}, 180_000);
afterAll(async () => {
  await Promise.all([wide.down(), small.down()]);
  rmSync(folder, { recursive: true, force: true });
}, 90_000);

const diagnosed = async (lab: LabUnderTest, ...from: string[]): Promise<readonly Finding[]> => {
  const ran = await lab.slash28(["doctor", ...from, "-o", "json"]);
  if (ran.code !== 0) throw new Error(ran.stderr);
  return (JSON.parse(ran.stdout) as { findings: readonly Finding[] }).findings;
};
/** The finding as the live cluster shows it, once it does; a snapshot saved then must show the same, redacted or not. */
async function found(lab: LabUnderTest, id: string): Promise<Finding> {
  const live = await eventually(`${id} to be found`, async () => (await diagnosed(lab)).find((finding) => finding.id === id), 60_000);
  const out = join(folder, `${id}-${++saved}`);
  await lab.slash28(["snapshot", "--out", out]);
  const ofSnapshot = (await diagnosed(lab, "--snapshot", out)).find((finding) => finding.id === id);
  expect(ofSnapshot?.objects).toEqual(live.objects);
  expect(ofSnapshot?.fix).toEqual(live.fix);
  await lab.slash28(["snapshot", "--out", `${out}-redacted`, "--redact"]);
  const redacted = (await diagnosed(lab, "--snapshot", `${out}-redacted`)).find((finding) => finding.id === id);
  expect(redacted?.evidence.map(({ value }) => typeof value)).toEqual(ofSnapshot?.evidence.map(({ value }) => typeof value));
  expect(redacted?.evidence.map(({ value }) => value).filter(isCount)).toEqual(
    ofSnapshot?.evidence.map(({ value }) => value).filter(isCount),
  );
  return live;
}
const isCount = (value: unknown): boolean => typeof value === "number";
const gone = (lab: LabUnderTest, id: string): Promise<boolean> =>
  eventually(`${id} to be gone`, async () => !(await diagnosed(lab)).some((finding) => finding.id === id), 60_000);
/** Types a fix as it stands. */
const apply = async (lab: LabUnderTest, { fix }: Finding): Promise<void> => {
  for (const command of fix.commands) {
    const ran = await lab.paste(command, { cwd: folder, variables: {} });
    if (ran.code !== 0) throw new Error(`${command}\n${ran.stdout}${ran.stderr}`);
  }
};
const setEnv = async (lab: LabUnderTest, ...settings: string[]): Promise<void> => {
  await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", ...settings]);
  await lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"], { timeoutMs: 70_000 });
};
const fault = async (lab: LabUnderTest, ...args: string[]): Promise<void> => {
  const ran = await lab.slash28(["lab", "fault", ...args]);
  if (ran.code !== 0) throw new Error(ran.stderr);
};
const subnetOf = async (lab: LabUnderTest, zone: string): Promise<{ readonly id: string; readonly free: number }> => {
  const subnet = (await lab.status()).subnets.find((each) => each.zone === zone);
  if (subnet === undefined) throw new Error(`no subnet in ${zone}`);
  return subnet;
};

test("of a lab as it comes up nothing is told but what is true of it, and the snapshot's files are what kubectl and aws print", async () => {
  const findings = await diagnosed(wide);
  expect(findings.map(({ id, severity }) => [id, severity])).toEqual([
    ["cni-role-on-node-role", "info"],
    ["cluster-subnets-shared-with-nodes", "info"],
  ]);
  expect((await wide.slash28(["doctor", "--lab", "--fail-on", "warning"])).code).toBe(0);
  const out = join(folder, "healthy");
  await wide.slash28(["snapshot", "--out", out]);
  const printed = JSON.parse(await wide.aws(["ec2", "describe-subnets", "--output", "json"])) as { Subnets: { SubnetId: string }[] };
  const ours = JSON.parse(readFileSync(join(out, "ec2-describe-subnets.json"), "utf8")) as typeof printed;
  const sorted = ({ Subnets }: typeof printed): typeof printed.Subnets => Subnets.toSorted((a, b) => (a.SubnetId < b.SubnetId ? -1 : 1));
  expect(sorted(ours)).toEqual(sorted(printed));
}, 60_000);

test("conflicting warm targets are named, and the fix takes them away", async () => {
  await setEnv(wide, "WARM_IP_TARGET=5", "WARM_ENI_TARGET=3");
  const finding = await found(wide, "conflicting-warm-settings");
  expect(finding.evidence[0]?.text).toContain("WARM_ENI_TARGET=3 has no effect");
  await apply(wide, finding);
  await gone(wide, "conflicting-warm-settings");
}, 120_000);

test("a node role without the CNI's policy is named with what it may not do, and the fix gives it back", async () => {
  const policy = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy";
  await wide.aws(["iam", "detach-role-policy", "--role-name", "slash28-node", "--policy-arn", policy]);
  const finding = await found(wide, "missing-ec2-permissions");
  expect(finding.evidence.map(({ text }) => text).join()).toContain("may not do ec2:AssignPrivateIpAddresses");
  expect(finding.fix.commands[0]).toContain("attach-role-policy --role-name slash28-node");
  await apply(wide, finding);
  const attached = await wide.aws(["iam", "list-attached-role-policies", "--role-name", "slash28-node"]);
  expect(attached).toContain("AmazonEKS_CNI_Policy");
}, 120_000);

test("an action that is denied to everyone is found by what the agents say of it", async () => {
  await fault(wide, "deny-permission", "ec2:AssignPrivateIpAddresses", "--for", "5m");
  await setEnv(wide, "WARM_IP_TARGET=12");
  const finding = await found(wide, "missing-ec2-permissions");
  expect(finding.evidence.map(({ text }) => text).join()).toContain("AssignPrivateIpAddresses");
  await fault(wide, "clear");
}, 120_000);

test("max pods that were computed for single addresses are named once prefixes are on", async () => {
  await setEnv(wide, "ENABLE_PREFIX_DELEGATION=true");
  const finding = await found(wide, "max-pods-left-old");
  expect(finding.objects).toHaveLength(2);
  expect(finding.evidence.map(({ text }) => text).join()).toContain("29 instead of 110");
  expect(finding.fix.needsNodeReplacement).toBe(true);
}, 120_000);

test("no free /28 for prefixes is told from the ENIs that lie in every one of them", async () => {
  const { id } = await subnetOf(wide, "us-east-1a");
  await fault(wide, "fragment-subnet", id, "--for", "5m");
  const finding = await found(wide, "subnet-fragmented");
  expect(finding.objects).toEqual([{ kind: "Subnet", name: id }]);
  await fault(wide, "clear");
  await gone(wide, "subnet-fragmented");
  await setEnv(wide, "ENABLE_PREFIX_DELEGATION=false");
  await gone(wide, "max-pods-left-old");
}, 180_000);

test("nodes from before custom networking are named, with the pods that stay in their subnet", async () => {
  await setEnv(wide, "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true");
  const finding = await found(wide, "custom-networking-on-old-nodes");
  expect(finding.objects).toHaveLength(2);
  expect(finding.fix.commands[0]).toContain("update-nodegroup-version");
  await setEnv(wide, "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=false");
  await gone(wide, "custom-networking-on-old-nodes");
}, 150_000);

test("a VPC CNI that was upgraded past a minor version is told from its earlier templates", async () => {
  const image = "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni";
  for (const version of ["v1.18.6", "v1.20.4"]) {
    await wide.kubectl(["set", "image", "daemonset", "aws-node", "-n", "kube-system", `aws-node=${image}:${version}`]);
    await wide.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"], { timeoutMs: 70_000 });
  }
  const finding = await found(wide, "skipped-cni-minor-versions");
  expect(finding.evidence.map(({ text }) => text).join()).toContain("from 1.18.6 to 1.20.4");
}, 150_000);

describe("in a small subnet", () => {
  const { apply: create, running } = workloadsOf(small);

  test("an account with as many ENIs as it may have is told, and the fix asks for more", async () => {
    const finding = await found(small, "account-eni-quota");
    expect(finding.evidence.map(({ value }) => value)).toEqual([ENIS, ENIS]);
    await apply(small, finding);
    await gone(small, "account-eni-quota");
  }, 120_000);

  test("warm ENIs that hold what no pod uses are named; the fix gives back as many addresses as it said", async () => {
    const finding = await found(small, "warm-enis-hoarding");
    const told = finding.evidence.find(({ text }) => text.includes("go back"))?.value;
    const before = await subnetOf(small, "us-east-1a");
    await apply(small, finding);
    await eventually("the pools to be small", async () => (await small.status()).nodes.every(({ addresses }) => addresses.held === 4));
    const after = await subnetOf(small, "us-east-1a");
    expect(after.free - before.free).toBe(told);
    expect(finding.effect?.subnets).toEqual([{ id: before.id, freeBefore: before.free, freeAfter: after.free }]);
    expect(finding.effect?.text).toMatch(/^frees 10 addresses .* 0 pods delayed; needs node replacement: no$/);
    await gone(small, "warm-enis-hoarding");
  }, 150_000);

  test("a full subnet is told with the pods that wait; they run once the fix is typed, in its new subnet", async () => {
    const { id } = await subnetOf(small, "us-east-1a");
    await fault(small, "fill-subnet", id, "--for", "10m");
    await create(webDeployment("wants", 20));
    const finding = await eventually(
      "a full subnet and pods that wait",
      async () => {
        const told = (await diagnosed(small)).find((each) => each.id === "subnet-full" && each.objects[0]?.name === id);
        return told?.evidence.some(({ text }) => text.includes("wait for an address")) === true ? told : undefined;
      },
      60_000,
    );
    expect(finding).toMatchObject({ severity: "critical", objects: [{ kind: "Subnet", name: id }] });
    expect(await found(small, "subnet-full")).toMatchObject({ evidence: [{ value: 0 }, {}, {}] });
    await apply(small, finding);
    await running(20, 180_000, "-l", "app=wants");
    const addresses = await small.kubectl(["get", "pods", "-l", "app=wants", "-o", "jsonpath={.items[*].status.podIP}"]);
    expect(addresses.split(" ").filter((address) => address.startsWith("100.64."))).not.toEqual([]);
    await fault(small, "clear");
    await gone(small, "subnet-full");
    await small.kubectl(["delete", "deployment", "wants", "--wait"]);
  }, 360_000);

  test("custom networking: a missing ENIConfig, one in the wrong zone, and nodes from before", async () => {
    await setEnv(small, "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true", "ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone");
    const missing = await found(small, "eni-config-missing-for-zone");
    expect(missing.objects[0]).toEqual({ kind: "ENIConfig", name: "us-east-1a" });
    const other = await subnetOf(small, "us-east-1b");
    const manifest = {
      apiVersion: "crd.k8s.amazonaws.com/v1alpha1",
      kind: "ENIConfig",
      metadata: { name: "us-east-1a" },
      spec: { subnet: other.id },
    };
    await small.kubectl(["apply", "-f", "-"], { input: JSON.stringify(manifest) });
    await gone(small, "eni-config-missing-for-zone");
    const wrong = await found(small, "eni-config-in-wrong-zone");
    expect(wrong.evidence[0]?.text).toContain(`its subnet ${other.id} is in us-east-1b`);
    const vpc = (
      await small.aws(["ec2", "describe-subnets", "--subnet-ids", other.id, "--query", "Subnets[0].VpcId", "--output", "text"])
    ).trim();
    const where = ["--vpc-id", vpc, "--cidr-block", "10.0.2.0/26", "--availability-zone", "us-east-1a"];
    const right = (await small.aws(["ec2", "create-subnet", ...where, "--query", "Subnet.SubnetId", "--output", "text"])).trim();
    const patch = JSON.stringify({ spec: { subnet: right } });
    await small.kubectl(["patch", "eniconfig", "us-east-1a", "--type", "merge", "-p", patch]);
    await gone(small, "eni-config-in-wrong-zone");
  }, 180_000);
});
