import { formatCidr4, formatCidr6 } from "@slash28/address";
import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import type { FleetResult, FleetSummary, NodeCounts, NodeGroupResult, SubnetMap, SubnetResult } from "../fleet-result.ts";
import type { NodeGroup } from "../groups/node-group.ts";
import type { World } from "../world.ts";
import type { Gauge } from "./gauge.ts";
import type { Series } from "./series.ts";

/** What the run has shown until now. */
export function resultOf(world: World, series: Series): FleetResult {
  const { queue, network, groups, figures } = world;
  const { now } = queue;
  figures.settle(now);
  return {
    summary: summaryOf(world, now),
    series: [...series.rows],
    nodeGroups: Array.from(groups.values(), (group) => groupResult(group, now)),
    subnetMaps: network.subnets.map(mapOf),
    startHistogram: figures.podStarts.bars(),
  };
}

function summaryOf(world: World, now: number): FleetSummary {
  const { input, figures, ec2, network, scheduler } = world;
  const { fleet } = figures;
  const waitingAtEnd = figures.podsWaiting + scheduler.pendingCount;
  return {
    ranSeconds: now / 1_000,
    durationSeconds: input.durationMs / 1_000,
    seed: input.seed,
    firstExhaustion: figures.firstExhaustion,
    peakHeld: fleet.held.peak,
    averageHeld: rounded(fleet.held.average(now)),
    averageAssigned: rounded(fleet.assigned.average(now)),
    averageIdle: rounded(fleet.idle.average(now)),
    averageCooling: rounded(fleet.cooling.average(now)),
    subnets: network.subnets.map((subnet) => subnetResult(subnet, network.freeIn(subnet), now)),
    podStartMs: figures.podStarts.percentiles(),
    podsStarted: figures.podStarts.count,
    podsDelayed: figures.podsDelayed + figures.podsGivenUp + waitingAtEnd,
    podsDelayedByAddresses: figures.podsDelayedByAddresses + figures.podsGivenUpOnNodes + figures.podsWaiting,
    podsWaitingAtEnd: waitingAtEnd,
    podsNeverStarted: figures.podsGivenUp + waitingAtEnd,
    podsRunning: peakAndAverage(figures.podsRunning, now),
    branchEnis: peakAndAverage(figures.branchEnis, now),
    ec2Calls: ec2.counts(),
    addressesPinnedByFragmentation: figures.pinned.value,
    peakAddressesPinnedByFragmentation: figures.pinned.peak,
    nodes: nodeCounts(world, now),
  };
}

function nodeCounts({ figures }: World, now: number): NodeCounts {
  return {
    ...peakAndAverage(figures.nodes, now),
    launched: figures.nodesLaunched,
    removed: figures.nodesRemoved,
    failedToLaunch: figures.launchesFailed,
    readyMs: figures.nodesReady.percentiles(),
    lastReadySeconds: figures.lastReadyAt === null ? null : figures.lastReadyAt / 1_000,
  };
}

function subnetResult(subnet: SubnetOfRun, free: number, now: number): SubnetResult {
  const { spec, holdings, used, usable, otherTenants, ipv6Cidr, ipv6Prefixes } = subnet;
  const { held, assigned, idle, cooling } = holdings;
  return {
    id: spec.id ?? spec.name,
    name: spec.name,
    zone: spec.zone,
    cidr: formatCidr4(spec.cidr),
    usable,
    peakUsedShare: rounded(used.peak / usable, 10_000),
    peakUsed: used.peak,
    averageUsed: rounded(used.average(now)),
    free,
    leastFree: usable - used.peak,
    otherTenants,
    held: peakAndAverage(held, now),
    assigned: peakAndAverage(assigned, now),
    idle: peakAndAverage(idle, now),
    cooling: peakAndAverage(cooling, now),
    ipv6: ipv6Cidr === undefined ? null : { cidr: formatCidr6(ipv6Cidr), prefixes: peakAndAverage(ipv6Prefixes, now) },
  };
}

function groupResult({ name, count, holdings }: NodeGroup, now: number): NodeGroupResult {
  const { held, assigned, idle, cooling } = holdings;
  return {
    name,
    nodes: peakAndAverage(count, now),
    held: peakAndAverage(held, now),
    assigned: peakAndAverage(assigned, now),
    idle: peakAndAverage(idle, now),
    cooling: peakAndAverage(cooling, now),
  };
}

function mapOf(subnet: SubnetOfRun): SubnetMap {
  const end = subnet.map.draw();
  const isPeakNow = subnet.used.value > subnet.peakMapUsed;
  const { spec, peakMap, peakMapAt } = subnet;
  return { name: spec.name, cidr: formatCidr4(spec.cidr), peakAtSeconds: peakMapAt / 1_000, peak: isPeakNow ? end : peakMap, end };
}

function peakAndAverage(gauge: Gauge, now: number): { readonly peak: number; readonly average: number } {
  return { peak: gauge.peak, average: rounded(gauge.average(now)) };
}

/** To hundredths, or finer: figures for people, the same on every machine. */
function rounded(value: number, parts = 100): number {
  return Math.round(value * parts) / parts;
}
