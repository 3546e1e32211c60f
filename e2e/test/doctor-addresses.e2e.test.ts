import type { Finding, SimulatedEffect } from "@slash28/advisor";
import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctored, eventually, isWithin, labUnderTest, webDeployment, workloadsOf } from "../src/index.ts";

/** One for each node, whose one ENI holds a whole ENI's worth of free addresses, and one of the control plane. */
const ENIS = 3;
/** Two nodes whose warm ENIs take much of their subnet, and an account that may have no further ENI. */
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
  vpcCni: { env: { WARM_ENI_TARGET: "0" } },
};
const lab = labUnderTest();
const doctor = doctored(lab);
const { apply: create, running, gone } = workloadsOf(lab);

beforeAll(() => lab.up({ cluster: SMALL }), 180_000);
afterAll(async () => {
  await lab.down();
  doctor.end();
}, 90_000);

const simulated = ({ id, effect }: Finding): SimulatedEffect => {
  if (effect?.basis !== "simulated") throw new Error(`${id} is not simulated: ${effect?.text ?? "it has no effect"}`);
  return effect;
};
const subnetOf = async (zone: string): Promise<{ readonly id: string; readonly free: number }> => {
  const subnet = (await lab.status()).subnets.find((each) => each.zone === zone);
  if (subnet === undefined) throw new Error(`no subnet in ${zone}`);
  return subnet;
};
async function atRest(): Promise<true> {
  const { nodes } = await lab.status();
  const pools = nodes.map(({ enis, addresses: { held, assigned, cooling } }) => [enis, held, assigned, cooling]);
  if (pools.some((pool) => pool.join() !== "1,9,0,0")) throw new Error(JSON.stringify(pools));
  return true;
}
const hasWaitingPods = ({ evidence }: Finding): boolean => evidence.some(({ text }) => text.includes("wait for an address"));

test("an account with as many ENIs as it may have is told; when the fix has asked for more, pods that waited for one run", async () => {
  await create(webDeployment("more", 20));
  // Two of the twenty have no address on the two nodes' first ENIs.
  const finding = await doctor.found("account-eni-quota", ({ effect }) => effect?.podsStarted === 2);
  expect(finding.evidence.map(({ value }) => value)).toEqual([ENIS, ENIS]);
  const effect = simulated(finding);
  const happened = await doctor.typeAndWatch(finding, () => running(20, 120_000, "-l", "app=more"));
  console.info(`${effect.text}; ${JSON.stringify(happened)}`);
  expect(happened.free).toEqual(effect.subnets.map(({ freeAfter }) => freeAfter));
  expect(isWithin(happened.movedAfterSeconds, effect.withinSeconds), JSON.stringify([effect, happened])).toBe(true);
  expect(isWithin(happened.startedAfterSeconds, effect.podsStartWithinSeconds), JSON.stringify([effect, happened])).toBe(true);
  await doctor.gone("account-eni-quota");
  await lab.kubectl(["delete", "deployment", "more", "--wait"]);
  await gone(60_000, "-l", "app=more");
}, 240_000);

test("warm ENIs that hold what no pod uses are named; the fix gives back as many addresses as it said, when it said", async () => {
  await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", "WARM_ENI_TARGET=1"]);
  // The addresses of the pods before it rest, and their ENIs go by themselves: that is no part of the fix.
  await eventually("each node to be at rest with its first ENI's addresses", atRest, 150_000);
  const finding = await doctor.found("warm-enis-hoarding");
  const told = finding.evidence.find(({ text }) => text.includes("go back"))?.value;
  const before = await subnetOf("us-east-1a");
  const effect = simulated(finding);
  expect(effect).toMatchObject({ isExact: true, podsDelayed: 0, needsNodeReplacement: false });
  const happened = await doctor.typeAndWatch(finding);
  console.info(`${effect.text}; ${JSON.stringify(happened)}`);
  const after = await subnetOf("us-east-1a");
  expect(after.free - before.free).toBe(told);
  expect(happened.free).toEqual(effect.subnets.map(({ freeAfter }) => freeAfter));
  expect(isWithin(happened.movedAfterSeconds, effect.withinSeconds), JSON.stringify([effect, happened])).toBe(true);
  expect(effect.text).toMatch(/^frees \d+ addresses .* within .*; 0 pods delayed; needs node replacement: no$/);
  await doctor.gone("warm-enis-hoarding");
}, 200_000);

test("a full subnet is told with the pods that wait; they run once the fix is typed, in its new subnet", async () => {
  const { id } = await subnetOf("us-east-1a");
  await doctor.fault("fill-subnet", id, "--for", "10m");
  await create(webDeployment("wants", 20));
  const finding = await doctor.found("subnet-full", (each) => each.objects[0]?.name === id && hasWaitingPods(each));
  expect(finding).toMatchObject({ severity: "critical", objects: [{ kind: "Subnet", name: id }], evidence: [{ value: 0 }, {}, {}] });
  const effect = simulated(finding);
  const waiting = finding.evidence.find(({ text }) => text.includes("wait for an address"))?.value;
  expect(effect.podsStarted).toBe(waiting);
  const happened = await doctor.typeAndWatch(finding, () => running(20, 180_000, "-l", "app=wants"));
  console.info(`${effect.text}; ${JSON.stringify(happened)}`);
  expect(isWithin(happened.startedAfterSeconds, effect.podsStartWithinSeconds), JSON.stringify([effect, happened])).toBe(true);
  const addresses = await lab.kubectl(["get", "pods", "-l", "app=wants", "-o", "jsonpath={.items[*].status.podIP}"]);
  expect(addresses.split(" ").filter((address) => address.startsWith("100.64."))).not.toEqual([]);
  // It is as full as it was, and that stops nobody any more.
  await eventually("it to be no longer critical", async () => {
    const left = (await doctor.findings()).find((each) => each.id === "subnet-full");
    return left === undefined || left.severity === "warning";
  });
  await doctor.fault("clear");
  await doctor.gone("subnet-full");
}, 400_000);
