import { cidr4 } from "@slash28/address";
import type { FleetInput, RecordedWorkload } from "../src/index.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A fleet of one group in one zone, with nothing that disturbs; the rest as a test wants it. */
export function aFleet(over: Partial<FleetInput> = {}): FleetInput {
  return {
    region: "us-east-1",
    vpcCidrs: [cidr4("10.0.0.0/16")],
    subnets: [{ name: "nodes-a", zone: "us-east-1a", cidr: cidr4("10.0.0.0/18"), isForNodes: true }],
    nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 1 }],
    env: {},
    eniConfigs: {},
    daemonPods: 0,
    hostNetworkPods: 2,
    workloads: [],
    changes: [],
    ec2: { throttling: true, latency: "typical", eniQuota: 100_000 },
    durationMs: 10 * MINUTE,
    seed: 1,
    ...over,
  };
}

/** Pods that come and go at set times. */
export function podsAt(...changes: readonly (readonly [atMs: number, pods: number])[]): RecordedWorkload {
  return { kind: "recorded", name: "pods", changes: changes.map(([atMs, pods]) => ({ atMs, pods })) };
}
