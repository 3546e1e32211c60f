import { cidr4, cidr4Has } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { simulateFleet, type FleetInput, type FleetResult, type FleetSubnet } from "../src/index.ts";
import { beginWorld, Run } from "../src/run.ts";
import { aFleet, HOUR, MINUTE, podsAt } from "./a-fleet.ts";
import { nodesOf, wrongsOf } from "./check-world.ts";

const run = (over: Partial<FleetInput>): FleetResult => simulateFleet(aFleet(over));
const calm = { throttling: false, latency: "none", eniQuota: 100_000 } as const;

/** A run that is looked into: its world stays. */
function started(over: Partial<FleetInput>): { readonly world: ReturnType<typeof beginWorld>; readonly run: Run } {
  const world = beginWorld(aFleet(over));
  return { world, run: new Run(world) };
}

describe("one node holds, with pods that stay, what the growth table says", () => {
  const PD = { ENABLE_PREFIX_DELEGATION: "true" };
  const rows: readonly (readonly [type: string, maxPods: number, env: Record<string, string>, expected: Record<number, string>])[] = [
    ["t3.small", 11, {}, { 0: "1/3", 1: "2/6", 5: "3/9", 9: "3/9" }],
    ["t3.small", 11, { WARM_IP_TARGET: "1", MINIMUM_IP_TARGET: "1" }, { 0: "1/1", 1: "1/2", 5: "2/6", 9: "3/9" }],
    ["t3.small", 11, { WARM_IP_TARGET: "2", MINIMUM_IP_TARGET: "5" }, { 0: "2/5", 1: "2/5", 5: "3/7", 9: "3/9" }],
    ["m5.large", 29, {}, { 0: "1/9", 1: "2/18", 5: "2/18", 9: "2/18", 10: "3/27", 17: "3/27" }],
    ["m5.large", 29, { WARM_ENI_TARGET: "0" }, { 0: "1/9", 1: "1/9", 5: "1/9", 9: "2/18", 10: "2/18", 17: "2/18" }],
    [
      "m5.large",
      29,
      { WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "10" },
      { 0: "2/10", 1: "2/10", 5: "2/10", 9: "2/14", 10: "2/15", 17: "3/22" },
    ],
    ["m5.large", 110, { ...PD, WARM_PREFIX_TARGET: "1" }, { 0: "1/16", 1: "1/32", 10: "1/32", 17: "1/48", 29: "1/48" }],
    ["m5.large", 29, { ...PD, WARM_PREFIX_TARGET: "1" }, { 0: "1/16", 1: "1/32", 10: "1/32", 17: "1/32" }],
    ["m5.large", 110, { ...PD, WARM_IP_TARGET: "5" }, { 0: "1/16", 1: "1/16", 10: "1/16", 17: "1/32", 29: "1/48" }],
    [
      "m5.large",
      110,
      { ...PD, WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "20" },
      { 0: "1/32", 1: "1/32", 10: "1/32", 17: "1/32", 29: "1/48" },
    ],
    ["m5.large", 20, { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" }, { 0: "2/9", 1: "3/18", 5: "3/18", 10: "3/18", 17: "3/18" }],
    [
      "m5.16xlarge",
      737,
      { WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "10" },
      { 0: "1/10", 5: "1/10", 9: "1/14", 10: "1/15", 17: "1/22", 29: "1/34" },
    ],
  ];
  test.each(rows)("%s, max pods %i, %o", (instanceType, maxPods, env, expected) => {
    for (const [pods, held] of Object.entries(expected)) {
      const { world, run: fleet } = started({
        nodeGroups: [{ name: "general", instanceType, nodes: 1, maxPods }],
        env,
        eniConfigs: { "us-east-1a": "nodes-a" },
        workloads: Number(pods) === 0 ? [] : [podsAt([30_000, Number(pods)])],
        ec2: calm,
      });
      fleet.advance(10 * MINUTE);
      const [node] = nodesOf(world);
      const { summary } = fleet.result();
      expect([summary.podsNeverStarted, `${node?.ledger.enis().length}/${world.figures.fleet.held.value}`], `${pods} pods`).toEqual([
        0,
        held,
      ]);
    }
  });
});

describe("50 × m5.xlarge with 100 pods", () => {
  const group = { name: "general", instanceType: "m5.xlarge", nodes: 50 };
  const fleet = (env: Record<string, string>): FleetResult =>
    run({ nodeGroups: [group], env, workloads: [podsAt([2 * MINUTE, 100])], durationMs: HOUR });

  test("hold a spare ENI each by default: 1,400 addresses for 100 pods, where WARM_IP_TARGET=2 holds 200", () => {
    const before = fleet({});
    const after = fleet({ WARM_IP_TARGET: "2", WARM_ENI_TARGET: "0", MINIMUM_IP_TARGET: "4" });
    // Two ENIs of 14 on each node: 12 free addresses beside two pods are fewer than a whole ENI's.
    expect(before.series.at(-1)?.subnets[0]).toEqual({ used: 50 + 50 + 1_400, held: 1_400, assigned: 100, cooling: 0 });
    expect(after.series.at(-1)?.subnets[0]).toEqual({ used: 50 + 200, held: 200, assigned: 100, cooling: 0 });
  });

  test("a new setting on the running fleet gives the difference back", () => {
    const changes = [
      { kind: "set-env" as const, atMs: 20 * MINUTE, env: { WARM_IP_TARGET: "2", MINIMUM_IP_TARGET: "4" }, maxUnavailable: 5 },
    ];
    const { series, summary } = run({ nodeGroups: [group], workloads: [podsAt([2 * MINUTE, 100])], changes, durationMs: HOUR });
    expect(series.find(({ atSeconds }) => atSeconds === 1_200)?.subnets[0]?.held).toBe(1_400);
    expect(series.at(-1)?.subnets[0]).toMatchObject({ held: 200, assigned: 100 });
    expect([summary.podsStarted, summary.podsNeverStarted, summary.podsRunning.peak]).toEqual([100, 0, 100]);
  });
});

describe("180 nodes in a /22", () => {
  const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
  const subnet = (cidr: string, zone: string, isForNodes: boolean): FleetSubnet => ({ name: cidr, zone, cidr: cidr4(cidr), isForNodes });
  const nodeSubnets = zones.map((zone, index) => subnet(`10.20.${index}.0/24`, zone, true));
  const podSubnets = zones.map((zone, index) => subnet(`100.64.${32 * index}.0/19`, zone, false));
  const AT = { add: 3 * HOUR, env: 3 * HOUR + MINUTE, replace: 5 * HOUR } as const;
  const fleet = started({
    vpcCidrs: [cidr4("10.20.0.0/22")],
    subnets: nodeSubnets,
    nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 180, maxPods: 29 }],
    env: { MINIMUM_IP_TARGET: "2", WARM_IP_TARGET: "1" },
    workloads: [podsAt([HOUR, 360], [2 * HOUR, 720])],
    changes: [
      ...podSubnets.map((each) => ({ kind: "add-subnet" as const, atMs: AT.add, subnet: each, vpcCidr: cidr4("100.64.0.0/16") })),
      { kind: "set-eni-configs", atMs: AT.add, eniConfigs: Object.fromEntries(podSubnets.map(({ zone, name }) => [zone, name])) },
      {
        kind: "set-env",
        atMs: AT.env,
        env: {
          MINIMUM_IP_TARGET: null,
          WARM_IP_TARGET: null,
          AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true",
          ENABLE_PREFIX_DELEGATION: "true",
          WARM_PREFIX_TARGET: "1",
        },
        maxUnavailable: 18,
      },
      {
        kind: "replace-nodes",
        atMs: AT.replace,
        group: "general",
        nodes: 48,
        maxPods: 110,
        maxUnavailable: 12,
        launchFirst: false,
        nodeReadyAfterMs: 60_000,
      },
    ],
    durationMs: 8 * HOUR,
  });
  const free = (): readonly number[] => nodeSubnets.map(({ name }) => fleet.world.network.freeIn(fleet.world.network.byName(name)));
  const inPods = (): number =>
    nodesOf(fleet.world).reduce(
      (sum, node) => sum + node.pods.filter(({ address }) => address !== undefined && cidr4Has(cidr4("100.64.0.0/16"), address)).length,
      0,
    );

  test("each subnet gives 60 nodes an address and two more for pods: 71 are left; with two pods on each node, eleven", () => {
    fleet.run.advance(HOUR - 1);
    expect(free()).toEqual([71, 71, 71]);
    fleet.run.advance(2 * HOUR - 1);
    expect([fleet.world.figures.podsRunning.value, ...free()]).toEqual([360, 11, 11, 11]);
    expect(fleet.run.result().summary.firstExhaustion).toBeNull();
  });

  test("with six pods on each node all subnets are full, and 567 of 1,080 run", () => {
    fleet.run.advance(AT.add - 1);
    const { summary } = fleet.run.result();
    expect([fleet.world.figures.podsRunning.value, ...free()]).toEqual([567, 0, 0, 0]);
    expect(summary.podsNeverStarted).toBe(1_080 - 567);
    expect(summary.firstExhaustion).toMatchObject({ reason: "no-free-addresses" });
    expect(summary.firstExhaustion?.atSeconds).toBeGreaterThanOrEqual(7_200);
    expect(summary.firstExhaustion?.atSeconds).toBeLessThan(7_260);
  });

  test("with subnets of a second CIDR, an ENIConfig for each zone and prefixes, whoever waits gets an address there", () => {
    fleet.run.advance(AT.replace - 1);
    expect(fleet.world.figures.podsRunning.value).toBe(1_080);
    // Six addresses were warm: those that agents with new settings give back, agents that wait for theirs take.
    expect(inPods()).toBeGreaterThanOrEqual(1_080 - 567 - 6);
    expect(inPods()).toBeLessThanOrEqual(1_080 - 567);
    expect(wrongsOf(fleet.world)).toEqual([]);
  });

  test("48 new nodes of 110 pods take the place of 180: 235 addresses of each routable subnet are free again", () => {
    fleet.run.advance(8 * HOUR);
    const { summary } = fleet.run.result();
    expect([summary.nodes.launched, summary.nodes.removed, summary.nodes.failedToLaunch]).toEqual([180 + 48, 180, 0]);
    expect([fleet.world.figures.podsRunning.value, inPods(), ...free()]).toEqual([1_080, 1_080, 235, 235, 235]);
    expect(wrongsOf(fleet.world)).toEqual([]);
  });
});

test("five hundred nodes that start at once are ready as soon as five hundred real agents are, with about as many calls", () => {
  const { summary } = run({
    subnets: [
      { name: "nodes", zone: "us-east-1a", cidr: cidr4("10.0.0.0/18"), isForNodes: true },
      { name: "pods", zone: "us-east-1a", cidr: cidr4("10.0.128.0/17"), isForNodes: false },
    ],
    nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 500, maxPods: 29 }],
    env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" },
    eniConfigs: { "us-east-1a": "pods" },
    durationMs: 104_000,
  });
  // bench/README.md, mass-start: 8,092 calls, the last node after 104 s; every second one of them is throttled.
  expect(Math.abs(summary.ec2Calls.total / 8_092 - 1)).toBeLessThan(0.1);
  expect(Math.abs((summary.nodes.lastReadySeconds ?? 0) / 104 - 1)).toBeLessThan(0.05);
  expect(summary.ec2Calls.throttledShare).toBeGreaterThan(0.4);
  expect(String(summary.ec2Calls.throttledShare)).toMatch(/^0\.\d{1,4}$/);
});

describe("what runs out is named", () => {
  const tight: FleetSubnet = { name: "tight", zone: "us-east-1a", cidr: cidr4("10.0.0.0/24"), isForNodes: true };
  const prefixes = { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" };

  test("whole /28 blocks, where tenants stand scattered all over the subnet; single addresses serve the pods", () => {
    const subnets = [{ ...tight, otherTenants: { addresses: 60, placement: "scattered" as const } }];
    const { summary, subnetMaps } = run({ subnets, env: prefixes, workloads: [podsAt([MINUTE, 10])] });
    expect(summary.firstExhaustion).toMatchObject({ subnet: "tight", reason: "no-free-prefix" });
    expect([summary.podsStarted, summary.podsNeverStarted]).toEqual([10, 0]);
    expect(subnetMaps[0]?.end).not.toMatch(/[Pp]/);
    expect(summary.ec2Calls.byAction["AssignPrivateIpAddresses"]?.refused).toBeGreaterThan(0);
  });

  test("nothing, where as many tenants stand side by side", () => {
    const subnets = [{ ...tight, otherTenants: { addresses: 60, placement: "packed" as const } }];
    const { summary, subnetMaps } = run({ subnets, env: prefixes, workloads: [podsAt([MINUTE, 10])] });
    expect(summary.firstExhaustion).toBeNull();
    expect(subnetMaps[0]?.end).toBe("OOOO" + subnetMaps[0]?.end.slice(4));
    expect(subnetMaps[0]?.end).toMatch(/P/);
  });

  test("prefixes come from a reservation that keeps tenants out", () => {
    const reservations = [{ cidr: cidr4("10.0.0.128/26"), kind: "prefix" as const }];
    const subnets = [{ ...tight, reservations, otherTenants: { addresses: 100, placement: "scattered" as const } }];
    const { summary, subnetMaps } = run({ subnets, env: prefixes, workloads: [podsAt([MINUTE, 10])] });
    expect(summary.firstExhaustion).toBeNull();
    expect(subnetMaps[0]?.end.slice(8, 12)).toMatch(/^[Ppr]+$/);
  });

  test("the account's quota of network interfaces", () => {
    const { summary } = run({
      nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 3 }],
      ec2: { ...calm, eniQuota: 4 },
      workloads: [podsAt([MINUTE, 60])],
    });
    expect(summary.firstExhaustion?.reason).toBe("eni-quota");
    expect(summary.podsNeverStarted).toBeGreaterThan(0);
  });

  test("an instance's ENIs and slots, where max pods allow more than they hold", () => {
    const nodeGroups = [{ name: "general", instanceType: "m5.large", nodes: 1, maxPods: 110 }];
    const { summary } = run({ nodeGroups, ec2: calm, workloads: [podsAt([MINUTE, 40])] });
    expect(summary.firstExhaustion).toMatchObject({ reason: "instance-full" });
    expect([summary.podsStarted, summary.podsNeverStarted]).toEqual([27, 13]);
  });

  test("no address for another node", () => {
    const nodeGroups = [{ name: "general", instanceType: "m5.large", nodes: 14 }];
    const { summary } = run({ subnets: [{ ...tight, cidr: cidr4("10.0.0.0/28") }], nodeGroups, ec2: calm });
    expect(summary.nodes).toMatchObject({ launched: 11, failedToLaunch: 3 });
    expect(summary.firstExhaustion).toEqual({ atSeconds: 0, subnet: "tight", reason: "no-free-addresses" });
  });
});

describe("pods", () => {
  test("start at once on a warm node, and after the pool grew on a cold one; an address rests before its next pod", () => {
    const env = { WARM_IP_TARGET: "2", MINIMUM_IP_TARGET: "2" };
    const { summary, startHistogram } = run({ env, workloads: [podsAt([MINUTE, 2], [2 * MINUTE, 5])] });
    expect([summary.podsStarted, summary.podsDelayedByAddresses]).toEqual([7, 3]);
    expect(startHistogram[0]).toEqual({ fromMs: 0, toMs: 10, pods: 4 });
    // The rest waits for one call, maybe after one that was under way.
    expect(summary.podStartMs.p99).toBeLessThan(2_000);
  });

  test("pods in line get the seats that others leave, and those nobody wants any more leave the line", () => {
    const { summary } = run({ workloads: [podsAt([MINUTE, 40], [2 * MINUTE, -20], [4 * MINUTE, -20])], ec2: calm });
    expect([summary.podsStarted, summary.podsNeverStarted, summary.podsRunning.peak]).toEqual([40, 0, 27]);
    const gone = run({
      workloads: [podsAt([MINUTE, 40], [5 * MINUTE, -40])],
      nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 1, maxPods: 12 }],
    });
    expect(gone.summary.podsStarted + gone.summary.podsNeverStarted).toBe(40);
  });

  test("free addresses of prefixes that a pod pins are counted", () => {
    // Thirty-three pods fill two prefixes and one address of a third; sixteen end, spread over all of them.
    const env = { ENABLE_PREFIX_DELEGATION: "true", WARM_IP_TARGET: "1" };
    const nodeGroups = [{ name: "general", instanceType: "m5.large", nodes: 1, maxPods: 110 }];
    const { summary } = run({ env, nodeGroups, workloads: [podsAt([MINUTE, 33], [2 * MINUTE, -20])], ec2: calm });
    expect(summary.peakAddressesPinnedByFragmentation).toBeGreaterThanOrEqual(summary.addressesPinnedByFragmentation);
    expect(summary.addressesPinnedByFragmentation).toBe(16);
  });

  test("of DaemonSets run on every node, and go with it", () => {
    const { summary } = run({
      nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 4 }],
      daemonPods: 2,
      workloads: [podsAt([MINUTE, 4])],
    });
    expect(summary.podsRunning.peak).toBe(4 * 2 + 4);
  });
});

describe("node groups that scale", () => {
  const nodeGroups = [
    {
      name: "general",
      instanceType: "m5.large",
      nodes: 1,
      podsPerNodeByCompute: 10,
      scaling: { min: 1, max: 5, scaleOutAfterMs: 10_000, nodeReadyAfterMs: 60_000, scaleInAfterMs: 5 * MINUTE },
    },
  ];

  test("launch the nodes that waiting pods fill, up to their limit, and let empty ones go", () => {
    const { summary, series } = run({ nodeGroups, workloads: [podsAt([MINUTE, 35], [20 * MINUTE, -35])], durationMs: HOUR });
    expect(summary.nodes).toMatchObject({ peak: 4, launched: 4, removed: 3 });
    expect(summary.podsStarted).toBe(35);
    expect(summary.podsDelayed).toBeGreaterThanOrEqual(25);
    expect(summary.podStartMs.p90).toBeGreaterThan(60_000);
    expect(series.at(-1)?.nodes).toBe(1);
    expect(run({ nodeGroups, workloads: [podsAt([MINUTE, 90])], durationMs: HOUR }).summary).toMatchObject({
      podsNeverStarted: 40,
      // Forty wait for a node to the end, and forty waited for one; of the ten on each node, one waits for its address.
      podsWaitingAtEnd: 40,
      podsDelayed: 40 + 40 + 1,
      podsDelayedByAddresses: 5,
      nodes: { peak: 5 },
    });
  });
});
