import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cidr4, cidr4Has, ipv4 } from "@slash28/address";
import type { Finding, SimulatedEffect } from "@slash28/advisor";
import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctored, isWithin, labUnderTest, webDeployment, workloadsOf } from "../src/index.ts";

/** Two nodes that are as EKS makes them, and one that takes more pods than its type has addresses for. */
const CLUSTER: ClusterFileInput = {
  // Every address is counted: no pod of the system may take one.
  clusterDns: { enabled: false },
  vpc: {
    subnets: [
      { zone: "us-east-1a", cidr: "10.0.0.0/20" },
      { zone: "us-east-1b", cidr: "10.0.16.0/20", for: "pods" },
    ],
  },
  nodeGroups: [
    { name: "main", instanceType: "m5.large", nodes: 2 },
    { name: "dense", instanceType: "m5.large", nodes: 1, maxPods: 60 },
  ],
};
const MAIN = { "eks.amazonaws.com/nodegroup": "main" };
const DENSE = { "eks.amazonaws.com/nodegroup": "dense" };
const ROLLED_OUT = ["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"];
const lab = labUnderTest();
const doctor = doctored(lab);
const { apply: create, gone, running } = workloadsOf(lab);
const folder = mkdtempSync(join(tmpdir(), "slash28-doctor-settings-"));

beforeAll(() => lab.up({ cluster: CLUSTER }), 180_000);
afterAll(async () => {
  await lab.down();
  doctor.end();
  rmSync(folder, { recursive: true, force: true });
}, 90_000);

const rolledOut = async (...change: readonly string[]): Promise<void> => {
  await lab.kubectl(change);
  await lab.kubectl(ROLLED_OUT, { timeoutMs: 70_000 });
};
const setEnv = (...settings: readonly string[]): Promise<void> =>
  rolledOut("set", "env", "daemonset", "aws-node", "-n", "kube-system", ...settings);
const setImage = (version: string): Promise<void> => {
  const image = `602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:${version}`;
  return rolledOut("set", "image", "daemonset", "aws-node", "-n", "kube-system", `aws-node=${image}`);
};
const proof = ({ evidence }: Finding): string => evidence.map(({ text }) => text).join("\n");
const simulated = ({ id, effect }: Finding): SimulatedEffect => {
  if (effect?.basis !== "simulated") throw new Error(`${id} is not simulated: ${effect?.text ?? "it has no effect"}`);
  return effect;
};
/** Types a fix: the addresses must become what was said, in the time that was said. */
async function mend(finding: Finding, waitFor?: () => Promise<unknown>): Promise<void> {
  const effect = simulated(finding);
  const happened = await doctor.typeAndWatch(finding, waitFor);
  console.info(`${finding.id}: ${effect.text}; ${JSON.stringify(happened)}`);
  if (effect.isExact) expect(happened.free).toEqual(effect.subnets.map(({ freeAfter }) => freeAfter));
  // The times are the prediction that is tested, not a budget of this test.
  expect(isWithin(happened.movedAfterSeconds, effect.withinSeconds), `${happened.movedAfterSeconds} s: ${effect.text}`).toBe(true);
  expect(isWithin(happened.startedAfterSeconds, effect.podsStartWithinSeconds), `${happened.startedAfterSeconds} s: ${effect.text}`).toBe(
    true,
  );
  await doctor.gone(finding.id);
}

test("of a lab as it comes up nothing is told but what is true of it, and the snapshot's files are what kubectl and aws print", async () => {
  const findings = await doctor.findings();
  expect(findings.map(({ id, severity, effect }) => [id, severity, effect?.basis])).toEqual([
    ["cni-role-on-node-role", "info", "stated"],
    ["cluster-subnets-shared-with-nodes", "info", "unknown"],
  ]);
  expect((await lab.slash28(["doctor", "--lab", "--fail-on", "warning"])).code).toBe(0);
  const out = join(folder, "healthy");
  await lab.slash28(["snapshot", "--out", out]);
  const printed = JSON.parse(await lab.aws(["ec2", "describe-subnets", "--output", "json"])) as { Subnets: { SubnetId: string }[] };
  const ours = JSON.parse(readFileSync(join(out, "ec2-describe-subnets.json"), "utf8")) as typeof printed;
  const sorted = ({ Subnets }: typeof printed): typeof printed.Subnets => Subnets.toSorted((a, b) => (a.SubnetId < b.SubnetId ? -1 : 1));
  expect(sorted(ours)).toEqual(sorted(printed));
}, 60_000);

test("conflicting warm targets are named, and the fix takes them away", async () => {
  await setEnv("WARM_IP_TARGET=5", "WARM_ENI_TARGET=3");
  const finding = await doctor.found("conflicting-warm-settings");
  expect(proof(finding)).toContain("WARM_ENI_TARGET=3 has no effect");
  await mend(finding);
}, 120_000);

test("a node role without the CNI's policy is named with what it may not do; with the fix the agents get what they asked for", async () => {
  const policy = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy";
  await lab.aws(["iam", "detach-role-policy", "--role-name", "slash28-node", "--policy-arn", policy]);
  // Each node has five addresses, and may not ask for more.
  await create(webDeployment("held-back", 16, MAIN));
  const finding = await doctor.found("missing-ec2-permissions", ({ effect }) => effect?.podsStarted === 6);
  expect(proof(finding)).toContain("may not do ec2:AssignPrivateIpAddresses");
  expect(finding.fix.commands[0]).toContain("attach-role-policy --role-name slash28-node");
  await mend(finding, () => running(16, 150_000, "-l", "app=held-back"));
  await lab.kubectl(["delete", "deployment", "held-back", "--wait"]);
  await gone(60_000, "-l", "app=held-back");
}, 240_000);

test("an action that is denied from above is told from a role without a policy; once the denial is gone so is the finding", async () => {
  await doctor.fault("deny-permission", "ec2:AssignPrivateIpAddresses", "--for", "5m");
  await setEnv("WARM_IP_TARGET=16");
  const finding = await doctor.found("missing-ec2-permissions");
  expect(proof(finding)).toContain("AssignPrivateIpAddresses");
  expect(finding.fix.commands[0]).toContain("PermissionsBoundary");
  // The commands show who denies, and change nothing; whoever denies has to act.
  await doctor.type(finding);
  await doctor.fault("clear");
  await doctor.gone(finding.id);
  await setEnv("WARM_IP_TARGET-");
}, 180_000);

test("a VPC CNI that was upgraded past a minor version is told from its earlier templates, and walked through the one between", async () => {
  await setImage("v1.20.5-eksbuild.1");
  // Not the version of the lab's add-on: somebody set it by hand.
  await setImage("v1.22.1-eksbuild.2");
  const finding = await doctor.found("skipped-cni-minor-versions");
  expect(proof(finding)).toContain("from 1.20.5 to 1.22.1");
  expect(finding.effect?.basis).toBe("stated");
  await doctor.type(finding);
  await doctor.gone(finding.id);
}, 240_000);

test("a node with more pods than its type has addresses is told; with prefixes and a node in its place they all run", async () => {
  await create(webDeployment("many", 28, DENSE));
  const finding = await doctor.found("instance-address-limit", ({ evidence }) =>
    evidence.some(({ text }) => text.includes("waits for an address")),
  );
  expect(proof(finding)).toContain("28 of its pods need an address, 27 can have one");
  await mend(finding, () => running(28, 240_000, "-l", "app=many"));
  await lab.kubectl(["delete", "deployment", "many", "--wait"]);
  await gone(60_000, "-l", "app=many");
}, 400_000);

test("max pods that were computed for single addresses are named once prefixes are on; new nodes have the new number", async () => {
  const finding = await doctor.found("max-pods-left-old");
  expect(finding.objects).toHaveLength(2);
  expect(proof(finding)).toContain("29 instead of 110");
  expect(simulated(finding)).toMatchObject({ isExact: true, needsNodeReplacement: true });
  await mend(finding);
}, 400_000);

test("no free /28 for prefixes is told from the ENIs that lie in every one of them; a new subnet has some", async () => {
  const { id = "" } = (await lab.status()).subnets.find(({ zone }) => zone === "us-east-1a") ?? {};
  await doctor.fault("fragment-subnet", id, "--for", "10m");
  const finding = await doctor.found("subnet-fragmented");
  expect(finding.objects).toEqual([{ kind: "Subnet", name: id }]);
  await mend(finding);
  await doctor.fault("clear");
}, 240_000);

test("custom networking: a missing ENIConfig is made, nodes from before are replaced, and one that names another zone's subnet is mended", async () => {
  await setEnv("ENABLE_PREFIX_DELEGATION=false");
  await create(webDeployment("stays", 4, MAIN));
  await running(4, 60_000, "-l", "app=stays");
  await setEnv("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true", "ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone");
  const missing = await doctor.found("eni-config-missing-for-zone");
  expect(missing.objects[0]).toEqual({ kind: "ENIConfig", name: "us-east-1a" });
  await mend(missing);
  const old = await doctor.found("custom-networking-on-old-nodes");
  expect(old.fix.commands[0]).toContain("update-nodegroup-version");
  expect(old.objects).toHaveLength(2);
  expect(proof(old)).toContain("4 pods on them have addresses of it");
  // Where the four go then is the scheduler's choice, and with it how many addresses each node takes.
  expect(simulated(old)).toMatchObject({ isExact: false, needsNodeReplacement: true });
  await mend(old);
  await running(4, 60_000, "-l", "app=stays");
  const subnet = await lab.kubectl(["get", "eniconfig", "us-east-1a", "-o", "jsonpath={.spec.subnet}"]);
  const range = await lab.aws(["ec2", "describe-subnets", "--subnet-ids", subnet, "--query", "Subnets[0].CidrBlock", "--output", "text"]);
  const addresses = await lab.kubectl(["get", "pods", "-l", "app=stays", "-o", "jsonpath={.items[*].status.podIP}"]);
  expect(addresses.split(" ").filter((address) => !cidr4Has(cidr4(range.trim()), ipv4(address)))).toEqual([]);
  const other = (await lab.status()).subnets.find(({ zone }) => zone === "us-east-1b");
  const patch = JSON.stringify({ spec: { subnet: other?.id } });
  await lab.kubectl(["patch", "eniconfig", "us-east-1a", "--type", "merge", "-p", patch]);
  const wrong = await doctor.found("eni-config-in-wrong-zone");
  expect(wrong.evidence[0]?.text).toContain(`its subnet ${other?.id} is in us-east-1b`);
  await mend(wrong);
}, 500_000);
