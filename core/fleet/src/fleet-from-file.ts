import { cidr4 } from "@slash28/address";
import { durationMs, type ClusterFile, type ClusterNodeGroup } from "@slash28/cluster-file";
import { STOCK_MANIFEST } from "@slash28/ipam";
import type { FleetInput, FleetNodeGroup } from "./fleet-input.ts";
import { changesOf } from "./from-file/changes-of.ts";
import { findingsIn, type FleetFileProblem } from "./from-file/file-problems.ts";
import { fleetSubnet } from "./from-file/subnet-of.ts";
import { workloadsOf } from "./from-file/workloads-of.ts";

/** What a command says over the file. */
export interface FleetOverrides {
  readonly seed?: number;
  readonly durationMs?: number;
  /** Variables of `aws-node` over the file's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of everything that the file says runs, cluster DNS too: a record of a cluster has all of its pods. */
  readonly workloads?: FleetInput["workloads"];
  /** Where a record tells them. */
  readonly daemonPods?: number;
}

export type FleetFromFile =
  /** `notes`: what the file says and a run makes nothing of. */
  | { readonly ok: true; readonly input: FleetInput; readonly notes: readonly FleetFileProblem[] }
  /** What a simulation cannot take as it stands in the file, with the path where it does. */
  | { readonly ok: false; readonly problems: readonly FleetFileProblem[] };

/** The fleet that a checked cluster file describes. */
export function fleetInputOf(file: ClusterFile, overrides: FleetOverrides = {}): FleetFromFile {
  const env = { ...STOCK_MANIFEST, ...file.vpcCni.env, ...overrides.env };
  const { problems, notes } = findingsIn(file, env);
  if (problems.length > 0) return { ok: false, problems };
  const { vpc, nodeGroups, workload, simulation, quotas } = file;
  return {
    ok: true,
    notes,
    input: {
      region: file.region,
      ...(file.ipFamily === "ipv6" ? { ipFamily: "ipv6" as const } : {}),
      vpcCidrs: vpc.cidrs.map(cidr4),
      subnets: vpc.subnets.map(fleetSubnet),
      nodeGroups: nodeGroups.map(fleetNodeGroup),
      env,
      eniConfigs: file.eniConfigs ?? {},
      daemonPods: overrides.daemonPods ?? workload.daemonPods,
      hostNetworkPods: workload.hostNetworkPods,
      workloads: overrides.workloads ?? workloadsOf(file),
      changes: changesOf(file),
      ec2: { throttling: simulation.throttling, latency: simulation.latency, eniQuota: quotas.networkInterfaces },
      durationMs: overrides.durationMs ?? durationMs(workload.duration),
      seed: overrides.seed ?? simulation.seed,
    },
  };
}

function fleetNodeGroup(group: ClusterNodeGroup): FleetNodeGroup {
  const { name, instanceType, nodes, maxPods, zones, scaling, podsPerNode } = group;
  return {
    name,
    instanceType,
    nodes,
    ...(maxPods === undefined ? {} : { maxPods }),
    ...(zones === undefined ? {} : { zones }),
    ...(podsPerNode === undefined ? {} : { podsPerNodeByCompute: podsPerNode }),
    ...(scaling === undefined
      ? {}
      : {
          scaling: {
            min: scaling.min,
            max: scaling.max,
            scaleOutAfterMs: durationMs(scaling.scaleOutAfter),
            nodeReadyAfterMs: durationMs(scaling.nodeReadyAfter),
            scaleInAfterMs: durationMs(scaling.scaleInAfter),
          },
        }),
  };
}
