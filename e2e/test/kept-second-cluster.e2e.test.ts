import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCluster } from "@slash28/cluster-file";
import { labPaths, readRecord, type LabStatus } from "@slash28/lab";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, instanceNamespace, labUnderTest, run } from "../src/index.ts";

const lab = labUnderTest();
const cluster = defaultCluster({ nodes: 1 });
const own = mkdtempSync(join(tmpdir(), "s28-kept-second-"));
const folder = join(own, "lab");
/** Not among the lab's files: it is still wanted when the lab is down. */
const kubeconfig = join(own, "second.yaml");
const ROLE = "arn:aws:iam::123456789012:role";

const shell = async (line: string): Promise<string> => {
  const ran = await lab.paste(line, { cwd: lab.runDir, variables: { KUBECONFIG: kubeconfig } });
  if (ran.code !== 0) throw new Error(`${line}\nended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout.trim();
};
const second = async (): Promise<LabStatus["clusters"][number] | undefined> =>
  (await lab.status()).clusters.find(({ name }) => name === "second");
const verified = (name: string): Promise<unknown> =>
  eventually(
    `every connection of ${name}`,
    async () => (await lab.slash28(["lab", "verify", "--cluster", name], { timeoutMs: 120_000 })).code === 0,
    200_000,
  );
/** What must be the same in the next lab. */
const world = async (): Promise<unknown> => ({
  endpoint: (await second())?.endpoint,
  nodes: (await second())?.nodes.map(({ name, instanceId, address }) => [name, instanceId, address]),
  uids: await shell("kubectl get nodes,deployments,services,serviceaccounts -A -o jsonpath='{.items[*].metadata.uid}'"),
  inside: await shell("kubectl get endpoints kubernetes -o jsonpath={.subsets[0].addresses[0].ip}"),
});
const works = async (): Promise<void> => {
  await shell("kubectl wait node --all --for=condition=Ready --timeout=90s");
  await shell("kubectl rollout status deployment web --timeout=90s");
  await verified("second");
};

beforeAll(async () => {
  await lab.up({ cluster, args: ["--state", folder] });
  const subnets = (await lab.status()).subnets.map(({ id }) => id);
  await shell(
    `aws eks create-cluster --name second --role-arn ${ROLE}/slash28-cluster --resources-vpc-config subnetIds=${subnets.join(",")}`,
  );
  await eventually("the cluster", async () => (await second())?.status === "ACTIVE");
  await shell("aws eks update-kubeconfig --name second");
  await shell(
    `aws eks create-nodegroup --cluster-name second --nodegroup-name workers --subnets ${subnets.join(" ")} --node-role ${ROLE}/slash28-node --scaling-config minSize=1,maxSize=2,desiredSize=2`,
  );
  await eventually("its nodes", async () => (await second())?.nodes.filter(({ ready }) => ready).length === 2, 120_000);
  await shell("kubectl create deployment web --image=nginx --replicas=3 && kubectl expose deployment web --port=80");
  await shell("kubectl rollout status deployment web --timeout=90s");
}, 300_000);
afterAll(async () => {
  await lab.down();
  rmSync(own, { recursive: true, force: true });
}, 90_000);

test("status shows both clusters; verify and faults are about the one that is named", async () => {
  const [first, other] = (await second())?.nodes ?? [];
  const node = first?.name ?? "";
  const answers = async (): Promise<boolean> =>
    (await run("ip", ["netns", "exec", instanceNamespace(lab, other?.instanceId ?? ""), "ping", "-c1", "-W1", first?.address ?? ""]))
      .code === 0;
  const alone = JSON.parse((await lab.slash28(["lab", "status", "--cluster", "second", "-o", "json"])).stdout) as LabStatus;
  expect([alone.clusters.map(({ name }) => name), alone.nodes.length]).toEqual([["second"], 2]);
  expect((await lab.slash28(["lab", "status"])).stdout).toMatch(new RegExp(`^second .*${node}`, "m"));
  await verified("second");
  const cut = ["lab", "fault", "cut-node", node, "--for", "5m"];
  expect((await lab.slash28(cut)).stderr).toContain(`there is no node ${node} in ${lab.name}`);
  expect(await answers()).toBe(true);
  expect((await lab.slash28([...cut, "--cluster", "second"])).code).toBe(0);
  expect(await answers()).toBe(false);
  await lab.slash28(["lab", "fault", "clear"]);
  await eventually("the node to answer again", answers);
  await works();
}, 600_000);

test("it comes back with the lab as it was, after an end and after a kill", async () => {
  const before = await world();
  await lab.slash28(["lab", "down"], { timeoutMs: 90_000 });
  await lab.up({ cluster, args: ["--state", folder] });
  await eventually("the cluster", async () => (await second())?.nodes.length === 2);
  expect(await world()).toEqual(before);
  await works();

  const pid = readRecord(labPaths(lab.runDir).record)?.pid;
  // Nobody else may be killed: 0 would be this test and all it started.
  if (pid === undefined) throw new Error("no lab runs");
  process.kill(pid, "SIGKILL");
  await eventually("word of the crash", async () =>
    (await lab.slash28(["lab", "up", "--detach", "--state", folder])).stderr.includes("an earlier lab crashed"),
  );
  await lab.slash28(["lab", "down"], { timeoutMs: 60_000 });
  await lab.up({ cluster, args: ["--state", folder] });
  await eventually("the cluster", async () => (await second())?.nodes.length === 2);
  expect(await world()).toEqual(before);
  await works();
  // And it is still one of which nothing is left in the end.
  await shell("aws eks delete-nodegroup --cluster-name second --nodegroup-name workers");
  await eventually("its nodes to go", async () => (await second())?.nodes.length === 0, 120_000);
  await eventually("the cluster to go", async () => {
    await lab.awsRaw(["eks", "delete-cluster", "--name", "second"]);
    return (await second()) === undefined;
  });
}, 900_000);
