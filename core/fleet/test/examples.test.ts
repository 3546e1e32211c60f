import { readFileSync } from "node:fs";
import { checkClusterFile } from "@slash28/cluster-file";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { fleetInputOf, simulateFleet, type FleetOverrides, type FleetResult } from "../src/index.ts";

/** The scenarios of `examples/`, held to the numbers that their headings tell. */
function run(example: string, overrides?: FleetOverrides, more: object = {}): FleetResult {
  const text = readFileSync(new URL(`../../../examples/${example}.yaml`, import.meta.url), "utf8");
  const checked = checkClusterFile({ ...(parse(text) as object), ...more });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const read = fleetInputOf(checked.file, overrides);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return simulateFleet(read.input);
}

/** Addresses that are not free, of all subnets: those for pods, and the ENIs' primary ones. */
const goneAtEnd = ({ summary }: FleetResult): number => summary.subnets.reduce((sum, { usable, free }) => sum + usable - free, 0);
const inOrderOfSubnets = <T>({ summary }: FleetResult, of: (subnet: FleetResult["summary"]["subnets"][number]) => T): T[] =>
  summary.subnets.map(of);
const endOf = ({ series }: FleetResult) => {
  const last = series.at(-1);
  const sum = (of: "held" | "assigned"): number => last?.subnets.reduce((total, subnet) => total + subnet[of], 0) ?? 0;
  return { held: sum("held"), assigned: sum("assigned"), idle: sum("held") - sum("assigned"), running: last?.podsRunning };
};

test("50 nodes with a warm ENI each hold 1,400 addresses for 100 pods; with two warm addresses 200, and no pod waits for one", () => {
  const [eni, ip] = [run("warm-eni-50-nodes"), run("warm-ip-50-nodes")];
  expect(endOf(eni)).toEqual({ held: 1_400, assigned: 100, idle: 1_300, running: 100 });
  expect(endOf(ip)).toEqual({ held: 200, assigned: 100, idle: 100, running: 100 });
  expect([eni.summary.peakHeld, goneAtEnd(eni), ip.summary.peakHeld, goneAtEnd(ip)]).toEqual([1_400, 1_500, 200, 250]);
  for (const { summary } of [eni, ip]) {
    expect(summary).toMatchObject({ firstExhaustion: null, podsStarted: 100, podsDelayedByAddresses: 0, podsNeverStarted: 0 });
  }
});

test("50 nodes that are told to keep two warm addresses give 1,250 back, and no pod notices", () => {
  const setEnv = { WARM_IP_TARGET: 2, WARM_ENI_TARGET: 0, MINIMUM_IP_TARGET: 4 };
  const result = run("warm-eni-50-nodes", {}, { changes: [{ at: "1h", setEnv }] });
  const before = result.series.findLast(({ atSeconds }) => atSeconds < 3_600);
  expect(before?.subnets.reduce((sum, { used }) => sum + used, 0)).toBe(1_500);
  expect([goneAtEnd(result), endOf(result).idle, result.summary.podsDelayedByAddresses]).toEqual([250, 100, 0]);
});

test("50 nodes that warm without a pod hold 700 addresses", () => {
  const result = run("warm-eni-50-nodes", { workloads: [] });
  expect([endOf(result).idle, goneAtEnd(result)]).toEqual([700, 750]);
});

test("a node with two warm addresses lets the 3rd, 4th and 5th of five pods wait for EC2", () => {
  const result = run("burst-of-five");
  expect(result.summary).toMatchObject({ podsStarted: 7, podsDelayed: 3, podsDelayedByAddresses: 3, podsNeverStarted: 0, peakHeld: 9 });
  const { p50, p99 } = result.summary.podStartMs;
  expect(p50).toBeLessThan(10);
  expect(p99).toBeGreaterThan(100);
  expect(p99).toBeLessThan(5_000);
  expect(endOf(result)).toMatchObject({ held: 9, idle: 2 });
});

test("three idle nodes and cluster DNS have 43 addresses in warm pools", () => {
  const result = run("three-idle-nodes");
  expect(endOf(result)).toEqual({ held: 45, assigned: 2, idle: 43, running: 2 });
  expect(goneAtEnd(result)).toBe(50);
  expect(endOf(run("three-idle-nodes", { workloads: [] })).idle).toBe(27);
  expect(endOf(run("three-idle-nodes", { env: { WARM_IP_TARGET: "2", MINIMUM_IP_TARGET: "4" } }))).toMatchObject({ held: 12, idle: 10 });
});

test("180 nodes in a /22 run out of addresses when payments rolls out: 573 pods run, 507 never do", () => {
  const result = run("fintech-180-nodes");
  const { firstExhaustion } = result.summary;
  expect(firstExhaustion).toMatchObject({ reason: "no-free-addresses" });
  expect(firstExhaustion?.atSeconds).toBeGreaterThan(7_200);
  expect(firstExhaustion?.atSeconds).toBeLessThan(9_000);
  expect(result.summary).toMatchObject({ podsRunning: { peak: 573 }, podsNeverStarted: 507, peakHeld: 573 });
  // Who still waits at the end was delayed, too, and has a node.
  const { podsDelayedByAddresses, podsWaitingAtEnd } = result.summary;
  expect([podsWaitingAtEnd, podsDelayedByAddresses >= 507]).toEqual([507, true]);
  expect(inOrderOfSubnets(result, ({ peakUsedShare, free }) => [peakUsedShare, free])).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
  // Before payments comes, eleven are left in each subnet.
  const before = result.series.findLast(({ atSeconds }) => atSeconds <= 7_200);
  expect(before?.podsRunning).toBe(360);
  expect(before?.subnets.map(({ used }) => 251 - used)).toEqual([11, 11, 11]);
});

test("the same fleet with IPv6 pods uses 60 of 251 IPv4 addresses a subnet, and no pod waits", () => {
  const result = run("fintech-180-nodes-ipv6");
  expect(result.summary).toMatchObject({
    firstExhaustion: null,
    podsRunning: { peak: 1_080 },
    podsDelayedByAddresses: 0,
    podsNeverStarted: 0,
  });
  expect(inOrderOfSubnets(result, ({ peakUsed, ipv6 }) => [peakUsed, ipv6?.prefixes.peak])).toEqual([
    [60, 60],
    [60, 60],
    [60, 60],
  ]);
  const full = run("fintech-180-nodes-ipv6", { workloads: [{ kind: "steady", name: "all", pods: 180 * 108, startWithinMs: 60_000 }] });
  expect(full.summary).toMatchObject({ podsRunning: { peak: 19_440 }, podsNeverStarted: 0, subnets: [{ peakUsed: 60 }, {}, {}] });
});

test("after the two moves all 1,080 run on 48 nodes, and the routable subnets are used to less than 15 %", () => {
  const result = run("fintech-180-nodes-fixed");
  expect(result.summary).toMatchObject({ firstExhaustion: null, podsRunning: { peak: 1_080 }, podsNeverStarted: 0, nodes: { peak: 48 } });
  const routable = result.summary.subnets.filter(({ cidr }) => cidr.startsWith("10.20."));
  expect(routable.map(({ peakUsed, peakUsedShare }) => [peakUsed, peakUsedShare < 0.15])).toEqual([
    [16, true],
    [16, true],
    [16, true],
  ]);
});

test("the moves themselves: who waited runs, the old nodes go, and the routable subnets empty", () => {
  const result = run("fintech-180-nodes-moves");
  expect(result.summary).toMatchObject({ firstExhaustion: { reason: "no-free-addresses" }, podsNeverStarted: 0 });
  expect(result.series.at(-1)).toMatchObject({ nodes: 48, podsRunning: 1_080, podsWaiting: 0 });
  const routable = result.summary.subnets.filter(({ cidr }) => cidr.startsWith("10.20."));
  expect(routable.map(({ free }) => free)).toEqual([235, 235, 235]);
});

test("a fragmented subnet has no prefix among its free addresses; a reservation has kept some; no pod waits", () => {
  const result = run("fragmented-subnet");
  expect(result.summary).toMatchObject({
    firstExhaustion: { subnet: "worn-a", reason: "no-free-prefix" },
    podsRunning: { peak: 80 },
    podsNeverStarted: 0,
    podsDelayedByAddresses: 0,
  });
  const [worn, kept] = result.summary.subnets;
  expect(worn?.leastFree).toBeGreaterThan(80);
  expect(kept?.held.peak).toBe(2 * 3 * 16);
  const prefixes = result.subnetMaps.map(({ end }) => end.replaceAll(/[^Pp]/g, "").length);
  expect(prefixes).toEqual([0, 6]);
});

test("500 nodes at once are throttled, and have their addresses later for it", () => {
  const result = run("scale-out-500-nodes");
  const { ec2Calls, nodes } = result.summary;
  expect(result.summary).toMatchObject({ firstExhaustion: null, nodes: { peak: 500 }, podsNeverStarted: 0, podsRunning: { peak: 4_000 } });
  expect(ec2Calls.throttledShare).toBeGreaterThan(0.3);
  // An instance is up after 60 seconds.
  expect(nodes.readyMs.p50).toBeGreaterThan(70_000);
  expect(nodes.readyMs.p99).toBeGreaterThan(120_000);
  const gentle = run("scale-out-500-nodes", { env: { MINIMUM_IP_TARGET: "9", WARM_IP_TARGET: "1" } }).summary;
  expect(gentle.ec2Calls.total).toBeLessThan(ec2Calls.total * 0.8);
  expect(gentle.peakHeld).toBe(4_500);
  expect(result.summary.peakHeld).toBe(9_000);
});

test("an example gives the same result each time, to the byte", () => {
  expect(JSON.stringify(run("fragmented-subnet"))).toBe(JSON.stringify(run("fragmented-subnet")));
});
