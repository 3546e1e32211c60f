import type { LabEvent, LabFault } from "@slash28/lab";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually, labUnderTest, webDeployment, workloadsOf } from "../src/index.ts";

const lab = labUnderTest();
const workloads = workloadsOf(lab);

beforeAll(() => lab.up(), 180_000);
afterEach(async () => {
  await lab.slash28(["lab", "fault", "clear"]);
});
afterAll(async () => {
  await lab.down();
}, 90_000);

const fault = async (...args: string[]): Promise<LabFault> => {
  const ran = await lab.slash28(["lab", "fault", ...args, "-o", "json"]);
  if (ran.code !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout) as LabFault;
};
const readyNodes = async (): Promise<readonly string[]> => (await lab.status()).nodes.filter((node) => node.ready).map((node) => node.name);
const conditionOf = (node: string): Promise<string> =>
  lab.kubectl(["get", "node", node, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}"]);

test("throttled calls are refused with EC2's own error until the fault is cleared", async () => {
  const { id } = await fault("throttle", "--for", "5m", "--actions", "ec2:DescribeVpcs");
  const refused = await lab.awsRaw(["ec2", "describe-vpcs"], { timeoutMs: 60_000 });
  expect(refused.code).toBe(254);
  expect(refused.stderr).toContain("RequestLimitExceeded");
  await lab.aws(["ec2", "describe-subnets"]);
  expect((await lab.slash28(["lab", "fault", "list"])).stdout).toContain(id);
  expect((await lab.slash28(["lab", "fault", "clear", id])).stdout).toContain(`ended ${id} (throttle)`);
  await lab.aws(["ec2", "describe-vpcs"]);
}, 90_000);

test("a permission that is denied is denied as by EC2", async () => {
  await fault("deny-permission", "ec2:CreateVpc", "--for", "5m");
  const denied = await lab.awsRaw(["ec2", "create-vpc", "--cidr-block", "10.9.0.0/16"]);
  expect(denied.code).toBe(254);
  expect(denied.stderr).toContain("UnauthorizedOperation");
}, 60_000);

test("nodes that are cut off or stopped are no longer Ready, pods and ENIs stay theirs; they come back, and everything is reached", async () => {
  const [cut = "", stopped = ""] = (await readyNodes()).slice(-2);
  const instance = (await lab.status()).nodes.find(({ name }) => name === stopped)?.instanceId ?? "";
  const enis = (): Promise<string> =>
    lab.aws([
      "ec2",
      "describe-network-interfaces",
      "--filters",
      `Name=attachment.instance-id,Values=${instance}`,
      "--query",
      "sort(NetworkInterfaces[].NetworkInterfaceId)",
    ]);
  await lab.kubectl(["apply", "-f", "-"], {
    input: JSON.stringify(webDeployment("cut", 2, { "kubernetes.io/hostname": cut })),
  });
  const before = { pods: await workloads.running(2, 60_000, "-l", "app=cut"), enis: await enis() };
  await fault("cut-node", cut, "--for", "10m");
  await fault("stop-node", instance, "--for", "10m");
  for (const node of [cut, stopped])
    await eventually(`${node} to be no longer Ready`, async () => (await conditionOf(node)) === "Unknown", 90_000);
  const during = await workloads.running(2, 10_000, "-l", "app=cut");
  expect(during.map(({ status }) => status.podIP)).toEqual(before.pods.map(({ status }) => status.podIP));
  expect(await enis()).toBe(before.enis);
  await lab.slash28(["lab", "fault", "clear"]);
  for (const node of [cut, stopped]) await eventually(`${node} to be Ready`, async () => (await conditionOf(node)) === "True", 60_000);
  await eventually("every connection", async () => (await lab.slash28(["lab", "verify"], { timeoutMs: 120_000 })).code === 0, 240_000);
  await lab.kubectl(["delete", "deployment", "cut"]);
}, 480_000);

test("an API that is down refuses connections, and pods are made after it is back", async () => {
  await fault("api-server-down", "--for", "10m");
  const refused = await lab.kubectlRaw(["get", "nodes"]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/refused/);
  await lab.slash28(["lab", "fault", "clear"]);
  await lab.kubectl(["create", "deployment", "after", "--image=nginx"]);
  await workloads.running(1, 60_000, "-l", "app=after");
  await lab.kubectl(["delete", "deployment", "after"]);
}, 120_000);

test("everything that was ordered is in the lab's events", async () => {
  const events = JSON.parse((await lab.slash28(["lab", "events", "-o", "json"])).stdout) as readonly LabEvent[];
  const ordered = events.filter(({ kind }) => kind === "fault-ordered").map(({ message }) => message.split(":")[0]);
  expect(ordered).toEqual(["throttle", "deny-permission", "cut-node", "stop-node", "api-server-down"]);
  expect(events.filter(({ kind }) => kind === "fault-ended")).toHaveLength(5);
  expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["lab-up", "node-joined", "node-left"]));
});

test("bad orders change nothing, and say what to do", async () => {
  const unknown = await lab.slash28(["lab", "fault", "cut-node", "nobody", "--for", "1m"]);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining(`there is no node nobody in ${lab.name}; there is ip-`)]);
  const odd = await lab.slash28(["lab", "fault", "fill-subnet", "mine", "--for", "1m"]);
  expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining("must be a subnet id")]);
  expect((await lab.slash28(["lab", "fault", "throttle"])).code).toBe(2);
  expect((await lab.slash28(["lab", "fault", "meteor"])).code).toBe(2);
  expect((await lab.slash28(["lab", "fault", "list"])).stdout).toContain("no fault is in force");
});
