import { cidr4 } from "@slash28/address";
import { expect, test } from "vitest";
import { simulateFleet, type FleetInput, type FleetResult, type RecordedWorkload } from "../src/index.ts";
import { beginWorld, Run } from "../src/run.ts";
import { aFleet, HOUR, MINUTE, podsAt } from "./a-fleet.ts";
import { nodesOf, wrongsOf } from "./check-world.ts";

const env = { ENABLE_POD_ENI: "true", WARM_IP_TARGET: "1", MINIMUM_IP_TARGET: "2" };
const run = (over: Partial<FleetInput>): FleetResult => simulateFleet(aFleet({ env, ...over }));
const isolated = (...changes: readonly (readonly [number, number])[]): RecordedWorkload => ({
  ...podsAt(...changes),
  name: "isolated",
  isIsolated: true,
});
const group = (instanceType: string, nodes: number): FleetInput["nodeGroups"] => [{ name: "general", instanceType, nodes }];

test("a node has a trunk; each isolated pod takes a branch ENI with one address, and nothing of the pool", () => {
  const { summary, series } = run({ workloads: [isolated([2 * MINUTE, 5])] });
  expect(summary).toMatchObject({ firstExhaustion: null, podsStarted: 5, podsNeverStarted: 0, branchEnis: { peak: 5 }, peakHeld: 2 });
  // The primary ENI with two addresses for pods, the trunk, five branches.
  expect(series.at(-1)?.subnets).toEqual([{ used: 1 + 2 + 1 + 5, held: 2, assigned: 0, cooling: 0 }]);
  expect(summary.ec2Calls.byAction).toMatchObject({
    AssociateTrunkInterface: { total: 5, refused: 0 },
    AttachNetworkInterface: { total: 1 },
    CreateNetworkInterface: { total: 6 },
    CreateNetworkInterfacePermission: { total: 6 },
  });
  // A branch is made for each when it has its node: two calls of EC2, and the leave to attach it.
  expect(summary.podStartMs.p50).toBeGreaterThan(500);
  expect(summary.podStartMs.p50).toBeLessThan(5_000);
  expect(summary.podsDelayedByAddresses).toBe(5);
});

test("an instance has as many as its type: the tenth on an m5.large waits, and is told as what ran out", () => {
  const { summary } = run({ workloads: [isolated([2 * MINUTE, 10])] });
  expect(summary).toMatchObject({
    firstExhaustion: { reason: "no-branch-eni", subnet: "nodes-a", atSeconds: 120 },
    podsRunning: { peak: 9 },
    podsWaitingAtEnd: 1,
    podsDelayedByAddresses: 9,
  });
  expect(run({ workloads: [isolated([2 * MINUTE, 10])], nodeGroups: group("m5.large", 2) }).summary).toMatchObject({
    firstExhaustion: null,
    podsRunning: { peak: 10 },
  });
});

test("the trunk takes the place of an ENI: ordinary pods have those of one less", () => {
  const most = (more: Readonly<Record<string, string>>): number =>
    run({
      env: more,
      nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 1, maxPods: 110 }],
      workloads: [podsAt([2 * MINUTE, 50])],
    }).summary.podsRunning.peak;
  expect([most({}), most({ ENABLE_POD_ENI: "true" })]).toEqual([27, 18]);
});

test("a type that cannot trunk keeps no place for one, and gives isolated pods nothing", () => {
  const fleet = (workloads: FleetInput["workloads"]): FleetResult["summary"] =>
    run({ nodeGroups: group("t3.medium", 1), workloads }).summary;
  expect(fleet([podsAt([2 * MINUTE, 20])]).podsRunning.peak).toBe(15);
  expect(fleet([isolated([2 * MINUTE, 1])])).toMatchObject({ firstExhaustion: { reason: "no-branch-eni" }, podsNeverStarted: 1 });
});

test("without ENABLE_POD_ENI there is no trunk; turned on, the rolled-out agents get one, and who waited starts", () => {
  const workloads = [isolated([MINUTE, 4])];
  expect(run({ env: {}, workloads }).summary).toMatchObject({ podsNeverStarted: 4, firstExhaustion: { reason: "no-branch-eni" } });
  const on = { kind: "set-env", atMs: 5 * MINUTE, env: { ENABLE_POD_ENI: "true" }, maxUnavailable: 1 } as const;
  const { summary } = run({ env: { WARM_ENI_TARGET: "0" }, workloads, changes: [on] });
  expect(summary).toMatchObject({ podsNeverStarted: 0, podsRunning: { peak: 4 } });
  expect(summary.podStartMs.p50).toBeGreaterThan(4 * MINUTE);
});

test("a branch cools down for a minute after its pod, and the next pod waits where there are no others", () => {
  const world = beginWorld(aFleet({ env, workloads: [isolated([2 * MINUTE, 9], [5 * MINUTE, -9], [5 * MINUTE, 9])], durationMs: HOUR }));
  const fleet = new Run(world);
  fleet.advance(5 * MINUTE + 30_000);
  expect(wrongsOf(world)).toEqual([]);
  expect([nodesOf(world)[0]?.branches?.count, nodesOf(world)[0]?.branches?.waiting]).toEqual([9, 9]);
  fleet.advance(HOUR);
  expect(wrongsOf(world)).toEqual([]);
  const { summary } = fleet.result();
  expect(summary).toMatchObject({ podsStarted: 18, podsNeverStarted: 0, branchEnis: { peak: 9 } });
  expect(summary.podStartMs.p99).toBeGreaterThan(60_000);
  expect(summary.podStartMs.p99).toBeLessThan(3 * MINUTE);
});

test("a full subnet gives no branch, and says so", () => {
  const { summary } = run({
    subnets: [
      {
        name: "tight",
        zone: "us-east-1a",
        cidr: cidr4("10.0.0.0/28"),
        isForNodes: true,
        otherTenants: { addresses: 5, placement: "packed" },
      },
    ],
    workloads: [isolated([2 * MINUTE, 9])],
  });
  // Eleven, less five of others, the node's, two for pods, and the trunk's.
  expect(summary).toMatchObject({ firstExhaustion: { reason: "no-free-addresses", subnet: "tight" }, podsRunning: { peak: 2 } });
});

test("with custom networking trunk and branches are in the ENIConfig's subnet", () => {
  const { summary } = run({
    env: { ...env, AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" },
    subnets: [
      { name: "nodes-a", zone: "us-east-1a", cidr: cidr4("10.0.0.0/24"), isForNodes: true },
      { name: "pods-a", zone: "us-east-1a", cidr: cidr4("10.0.8.0/21"), isForNodes: false },
    ],
    eniConfigs: { "us-east-1a": "pods-a" },
    workloads: [isolated([2 * MINUTE, 9])],
  });
  expect(summary.subnets.map(({ peakUsed }) => peakUsed)).toEqual([1, 1 + 2 + 1 + 9]);
});

test("IPv6 nodes have trunks and branches, too", () => {
  const { summary } = run({ ipFamily: "ipv6", workloads: [isolated([2 * MINUTE, 9]), podsAt([2 * MINUTE, 50])] });
  expect(summary).toMatchObject({ podsRunning: { peak: 59 }, podsNeverStarted: 0, branchEnis: { peak: 9 } });
  expect(summary.subnets).toMatchObject([{ peakUsed: 1 + 1 + 9 }]);
});

test("an autoscaler launches the nodes whose branches waiting pods need", () => {
  const scaling = { min: 1, max: 5, scaleOutAfterMs: 10_000, nodeReadyAfterMs: 60_000, scaleInAfterMs: 5 * MINUTE };
  const { summary } = run({
    nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 1, scaling }],
    workloads: [isolated([2 * MINUTE, 27])],
    durationMs: HOUR,
  });
  expect(summary).toMatchObject({ firstExhaustion: null, nodes: { peak: 3 }, podsRunning: { peak: 27 }, podsNeverStarted: 0 });
});

test("replaced nodes leave no branch behind, and their pods get new ones", () => {
  const upgrade = {
    kind: "replace-nodes",
    atMs: 10 * MINUTE,
    group: "general",
    maxUnavailable: 1,
    launchFirst: true,
    nodeReadyAfterMs: 60_000,
  } as const;
  const world = beginWorld(
    aFleet({ env, nodeGroups: group("m5.large", 3), workloads: [isolated([2 * MINUTE, 20])], changes: [upgrade], durationMs: HOUR }),
  );
  const fleet = new Run(world);
  for (let at = 0; !fleet.isOver; at += MINUTE) {
    fleet.advance(at);
    expect(wrongsOf(world)).toEqual([]);
  }
  const { summary } = fleet.result();
  expect(summary).toMatchObject({ firstExhaustion: null, podsNeverStarted: 0, nodes: { removed: 3 } });
  const branches = world.network.cloud.view.enis().filter(({ description }) => description === "aws-k8s-branch-eni");
  expect([branches.length, world.figures.branchEnis.value]).toEqual([20, 20]);
});

test("what many network cards hold beyond the first is left out: ENIs go to card 0, as the VPC CNI has it by default", () => {
  const { summary } = run({
    env: { WARM_IP_TARGET: "1" },
    nodeGroups: [{ name: "general", instanceType: "p4d.24xlarge", nodes: 1, maxPods: 1_000 }],
    workloads: [podsAt([2 * MINUTE, 998])],
    durationMs: HOUR,
  });
  // 15 ENIs of 50 addresses on card 0, of 60 on four cards.
  expect(summary.podsRunning.peak).toBe(15 * 49);
  expect(summary.firstExhaustion?.reason).toBe("instance-full");
});
