import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultCluster } from "@slash28/cluster-file";
import { readRecord, labPaths } from "@slash28/lab";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, labUnderTest, webDeployment, workloadsOf } from "../src/index.ts";

const lab = labUnderTest();
const workloads = workloadsOf(lab);
const cluster = defaultCluster({ nodes: 2 });
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "s28-kept-"));
  await lab.up({ cluster, args: ["--state", folder] });
}, 180_000);
/** Of a second lab on the same folder, which is to be refused. */
const otherRunDir = `${lab.runDir}-other`;
afterAll(async () => {
  await lab.slash28(["lab", "down"], { env: { ...process.env, SLASH28_RUN_DIR: otherRunDir }, timeoutMs: 60_000 });
  await lab.down();
  rmSync(otherRunDir, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}, 150_000);

/** What must be the same in the next lab: the VPC with every id, and the cluster's objects by uid. */
interface World {
  readonly enis: string;
  readonly subnets: string;
  readonly objects: string;
  readonly pods: readonly string[];
}

async function world(): Promise<World> {
  const objects = "nodes,deployments,configmaps,services,serviceaccounts,daemonsets,customresourcedefinitions";
  return {
    enis: await lab.aws([
      "ec2",
      "describe-network-interfaces",
      "--query",
      "sort(NetworkInterfaces[?Attachment.DeviceIndex==`0`].[NetworkInterfaceId,PrivateIpAddress,MacAddress][])",
    ]),
    subnets: await lab.aws(["ec2", "describe-subnets", "--query", "sort(Subnets[].SubnetId)"]),
    objects: await lab.kubectl([
      "get",
      objects,
      "-A",
      "-o",
      "jsonpath={range .items[*]}{.kind}/{.metadata.name}/{.metadata.uid}{'\\n'}{end}",
    ]),
    pods: (await workloads.pods("-l", "app=web")).map((pod) => pod.metadata.name).toSorted(),
  };
}

const allConnected = (): Promise<unknown> =>
  eventually("every connection", async () => (await lab.slash28(["lab", "verify"], { timeoutMs: 120_000 })).code === 0, 240_000);

test("VPC and cluster come back as they were, and pods run again with addresses of their node", async () => {
  await lab.kubectl(["apply", "-f", "-"], { input: JSON.stringify(webDeployment("web", 6, {})) });
  await workloads.running(6, 90_000, "-l", "app=web");
  await lab.kubectl(["create", "configmap", "mine", "--from-literal=a=1"]);
  const vpc = (await lab.aws(["ec2", "describe-vpcs", "--query", "Vpcs[0].VpcId", "--output", "text"])).trim();
  await lab.aws(["ec2", "associate-vpc-cidr-block", "--vpc-id", vpc, "--cidr-block", "100.64.0.0/16"]);
  const before = await world();
  const ended = await lab.slash28(["lab", "down"], { timeoutMs: 90_000 });
  expect(ended.code).toBe(0);
  expect((await lab.slash28(["lab", "status"])).code).toBe(1);
  await lab.up({ cluster, args: ["--state", folder] });
  expect((await lab.slash28(["lab", "status"])).stdout).toContain(`kept in ${folder}`);
  expect(await world()).toEqual(before);
  await workloads.running(6, 120_000, "-l", "app=web");
  await allConnected();
  expect(await lab.kubectl(["get", "configmap", "mine", "-o", "jsonpath={.data.a}"])).toBe("1");
  expect(await lab.aws(["ec2", "describe-vpcs", "--query", "Vpcs[0].CidrBlockAssociationSet[].CidrBlock"])).toContain("100.64.0.0/16");
}, 420_000);

test("nothing that was answered is lost when the lab is killed amid writes, again and again", async () => {
  for (let round = 0; round < 3; round++) {
    const made: string[] = [];
    const pid = readRecord(labPaths(lab.runDir).record)?.pid;
    // Nobody else may be killed: 0 would be this test and all it started.
    if (pid === undefined) throw new Error("no lab runs");
    const kill = { ordered: Promise.resolve() };
    const names = Array.from({ length: 400 }, (_, index) => `kept-${round}-${index}`);
    for (const name of names) {
      const ran = await lab.kubectlRaw(["create", "configmap", name]);
      if (ran.code !== 0) break;
      made.push(name);
      // From the first answer on, however long that took; a later one in each round.
      if (made.length === 1) kill.ordered = sleep(700 * round).then(() => void process.kill(pid, "SIGKILL"));
    }
    await kill.ordered;
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThan(names.length);
    await eventually("word of the crash", async () =>
      (await lab.slash28(["lab", "up", "--detach", "--state", folder])).stderr.includes("an earlier lab crashed"),
    );
    await lab.slash28(["lab", "down"], { timeoutMs: 60_000 });
    await lab.up({ cluster, args: ["--state", folder] });
    const known = (await lab.kubectl(["get", "configmaps", "-o", "name"])).split("\n");
    expect(made.filter((name) => !known.includes(`configmap/${name}`))).toEqual([]);
  }
  await workloads.running(6, 120_000, "-l", "app=web");
  await allConnected();
}, 600_000);

test("another lab than the one kept is refused, and one folder has one lab", async () => {
  const inUse = await lab.slash28(["lab", "up", "--detach", "--state", folder], {
    env: { ...process.env, SLASH28_RUN_DIR: otherRunDir },
  });
  expect([inUse.code, inUse.stderr]).toEqual([1, expect.stringContaining("is in use by the lab")]);
  await lab.slash28(["lab", "down"], { timeoutMs: 60_000 });
  const other = await lab.slash28(["lab", "up", "--detach", "--state", folder, "--seed", "7"]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("was made with --seed 28")]);
  const wider = await lab.slash28(["lab", "up", "--detach", "--state", folder, "--nodes", "5"]);
  expect([wider.code, wider.stderr]).toEqual([2, expect.stringContaining("has its nodes")]);
}, 120_000);
