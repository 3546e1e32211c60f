import { cidr4, cidr4Of, offsetIpv4, type Cidr4 } from "@slash28/address";
import type { FleetInput, FleetSubnet, Workload } from "@slash28/fleet";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
/** Room for a node: it holds up to three prefixes here, and half of each subnet is for prefixes only. */
const ADDRESSES_PER_NODE = 128;
const SUBNET_SIZE = 65_531;
const HALF = 32_768;

export interface FleetDay {
  readonly nodes: number;
  /** Starts and ends of pods, about. */
  readonly podEvents: number;
  readonly env: Readonly<Record<string, string>>;
  /** EC2's published token buckets: an account of a hundred thousand nodes has them raised. */
  readonly throttling: boolean;
}

/**
 * A day of a fleet of m5.large in three zones: services that are restarted and follow the sun, jobs that come at
 * random, and a CronJob at each hour.
 */
export function fleetDay(day: FleetDay): FleetInput {
  const perZone = Math.ceil((day.nodes * ADDRESSES_PER_NODE) / ZONES.length / SUBNET_SIZE);
  const cidrs = Array.from({ length: perZone * ZONES.length }, (_, index) =>
    cidr4(`${index < 200 ? `10.${index}` : `100.${index - 136}`}.0.0/16`),
  );
  return {
    region: "us-east-1",
    vpcCidrs: cidrs,
    subnets: cidrs.map(subnetOf),
    nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: day.nodes }],
    env: day.env,
    eniConfigs: {},
    daemonPods: 0,
    hostNetworkPods: 2,
    workloads: workOf(day),
    changes: [],
    ec2: { throttling: day.throttling, latency: "typical", eniQuota: 1_000_000 },
    durationMs: DAY,
    seed: 28,
  };
}

function subnetOf(cidr: Cidr4, index: number): FleetSubnet {
  const reservations = [{ cidr: cidr4Of(offsetIpv4(cidr.base, HALF), 17), kind: "prefix" as const }];
  return { name: `nodes-${index}`, zone: ZONES[index % ZONES.length] ?? "", cidr, isForNodes: true, reservations };
}

/** A third of the events are restarts, a third jobs at random, a fifth of CronJobs; the rest follows the sun. */
function workOf({ nodes, podEvents }: FleetDay): readonly Workload[] {
  const restarts = podEvents * 0.19;
  const jobs = podEvents * 0.19;
  const perHour = Math.round((podEvents * 0.1) / 24);
  const services = 5 * nodes;
  const meanMs = Math.round((services * DAY) / restarts);
  return [
    { kind: "steady", name: "services", pods: services, startWithinMs: HOUR, lifetime: { kind: "exponential", meanMs } },
    { kind: "diurnal", name: "shop", podsLow: nodes, podsHigh: 5 * nodes, periodMs: DAY, peakAtMs: 14 * HOUR, startWithinMs: HOUR },
    {
      kind: "batch",
      name: "jobs",
      completions: 10,
      parallelism: 10,
      runsForMs: 10 * MINUTE,
      runLengths: "exponential",
      firstAtMs: HOUR,
      jobsPerHour: jobs / 10 / 23,
      arrivals: "random",
    },
    {
      kind: "cron-bursts",
      name: "hourly",
      pods: perHour,
      firstAtMs: HOUR,
      everyMs: HOUR,
      startWithinMs: 30 * SECOND,
      runsForMs: 3 * MINUTE,
      runsForSpread: 0.3,
    },
  ];
}
