import { cidr4 } from "@slash28/address";
import { expect, test } from "vitest";
import { simulateFleet, type FleetInput, type FleetResult } from "../src/index.ts";
import { aFleet, HOUR, MINUTE, podsAt } from "./a-fleet.ts";

const run = (over: Partial<FleetInput>): FleetResult => simulateFleet(aFleet({ ipFamily: "ipv6", ...over }));
const upgrade = {
  kind: "replace-nodes",
  atMs: 20 * MINUTE,
  group: "general",
  maxUnavailable: 1,
  launchFirst: true,
  nodeReadyAfterMs: 60_000,
} as const;

test("a node takes one IPv4 address and one /80, asks EC2 three times, and starts a hundred pods at once", () => {
  const { summary, series } = run({ workloads: [podsAt([MINUTE, 108])] });
  expect(summary).toMatchObject({ firstExhaustion: null, podsStarted: 108, podsDelayed: 0, podsNeverStarted: 0, peakHeld: 0 });
  expect(summary.podStartMs).toEqual({ p50: 2, p90: 2, p99: 2 });
  expect(summary.subnets).toMatchObject([{ peakUsed: 1, ipv6: { prefixes: { peak: 1 } } }]);
  expect(summary.subnets[0]?.ipv6?.cidr).toMatch(/::\/64$/);
  expect(series.at(-1)).toMatchObject({ podsRunning: 108, podsWaiting: 0 });
  const calls = Object.entries(summary.ec2Calls.byAction).map(([action, { total }]) => `${action} ${total}`);
  expect(calls).toEqual(["AssignIpv6Addresses 1", "CreateTags 1", "DescribeNetworkInterfaces 1"]);
});

test("max pods are 110, or 250 above 30 vCPUs, whatever the type's ENIs hold", () => {
  const most = (instanceType: string): number =>
    run({ nodeGroups: [{ name: "general", instanceType, nodes: 1 }], workloads: [podsAt([MINUTE, 300])] }).summary.podsRunning.peak;
  expect(["m5.large", "m5.4xlarge", "m5.16xlarge"].map(most)).toEqual([108, 108, 248]);
});

test("no warm setting counts", () => {
  const with20 = run({ env: { WARM_IP_TARGET: "20", WARM_ENI_TARGET: "3" }, workloads: [podsAt([MINUTE, 50], [5 * MINUTE, -20])] });
  expect(with20).toEqual(run({ workloads: [podsAt([MINUTE, 50], [5 * MINUTE, -20])] }));
});

test("a subnet of eleven IPv4 addresses has room for eleven nodes and all of their pods, and not for a twelfth node", () => {
  const fleet = (nodes: number): FleetResult["summary"] =>
    run({
      subnets: [{ name: "nodes-a", zone: "us-east-1a", cidr: cidr4("10.0.0.0/28"), isForNodes: true }],
      nodeGroups: [{ name: "general", instanceType: "m5.large", nodes }],
      workloads: [podsAt([MINUTE, 1_100])],
    }).summary;
  expect(fleet(11)).toMatchObject({ firstExhaustion: null, podsRunning: { peak: 1_100 }, subnets: [{ free: 0 }] });
  expect(fleet(12)).toMatchObject({ firstExhaustion: { reason: "no-free-addresses", subnet: "nodes-a" }, nodes: { failedToLaunch: 1 } });
});

test("a pod that ends leaves nothing to rest: another one starts at once", () => {
  const { summary } = run({ workloads: [podsAt([MINUTE, 108], [2 * MINUTE, -108], [2 * MINUTE, 108])], durationMs: HOUR });
  expect(summary).toMatchObject({ podsStarted: 216, podsDelayed: 0, averageCooling: 0 });
});

test("replaced nodes hand their prefixes back, and a rolled-out agent finds its own again", () => {
  const { summary, series } = run({
    nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 4 }],
    workloads: [podsAt([MINUTE, 100])],
    changes: [{ kind: "set-env", atMs: 10 * MINUTE, env: { WARM_IP_TARGET: "2" }, maxUnavailable: 1 }, upgrade],
    durationMs: HOUR,
  });
  expect(summary).toMatchObject({ podsNeverStarted: 0, nodes: { launched: 8, removed: 4, peak: 5 } });
  // One more than there are nodes: an instance that shuts down has its address for some seconds yet.
  expect(summary.subnets).toMatchObject([{ peakUsed: 6, ipv6: { prefixes: { peak: 5 } } }]);
  expect(series.at(-1)).toMatchObject({ nodes: 4, podsRunning: 100, subnets: [{ used: 4 }] });
  // Eight nodes had one delegated; four agents that began anew did not ask for another.
  expect(summary.ec2Calls.byAction["AssignIpv6Addresses"]).toMatchObject({ total: 8, refused: 0 });
});

test("five hundred nodes at once are throttled as with IPv4, and all are ready within a few minutes", () => {
  const of = (ipFamily: "ipv4" | "ipv6"): FleetResult["summary"] =>
    run({ ipFamily, nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 500 }] }).summary;
  const [four, six] = [of("ipv4"), of("ipv6")];
  expect(six.ec2Calls.total).toBeLessThan(four.ec2Calls.total);
  // The account's bucket of AssignIpv6Addresses holds a hundred and fills by five a second.
  expect(six.ec2Calls.byAction["AssignIpv6Addresses"]).toMatchObject({ refused: 0 });
  expect(six.nodes.lastReadySeconds).toBeGreaterThan(400 / 5);
  expect(six.nodes.lastReadySeconds).toBeLessThan(240);
});
