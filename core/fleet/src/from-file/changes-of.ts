import { cidr4, cidr4Contains, type Cidr4 } from "@slash28/address";
import { durationMs, type ClusterChange, type ClusterFile } from "@slash28/cluster-file";
import type { FleetChange } from "../fleet-change.ts";
import { fleetSubnet } from "./subnet-of.ts";

/** Agents that a rollout of `aws-node` restarts at the same time (its manifest: `maxUnavailable: 10%`, rounded up). */
const ROLLOUT_SHARE = 0.1;

/** What a file says is done to the cluster; several things of one change in the order: network, ENIConfigs, variables, nodes. */
export function changesOf(file: ClusterFile): readonly FleetChange[] {
  const nodes = file.nodeGroups.reduce((sum, group) => sum + group.nodes, 0);
  const maxUnavailable = Math.max(1, Math.ceil(nodes * ROLLOUT_SHARE));
  return file.changes.flatMap((change): FleetChange[] => {
    const { at, eniConfigs, setEnv } = change;
    const atMs = durationMs(at);
    return [
      ...addedSubnets(file, change),
      ...(eniConfigs === undefined ? [] : [{ atMs, kind: "set-eni-configs", eniConfigs } as const]),
      ...(setEnv === undefined ? [] : [{ atMs, kind: "set-env", env: setEnv, maxUnavailable } as const]),
      ...nodeChanges(change),
    ];
  });
}

function addedSubnets(file: ClusterFile, { at, addSubnets = [] }: ClusterChange): FleetChange[] {
  // A CIDR that a change adds is of use from its first subnet on.
  const added = file.changes.flatMap(({ addCidrs = [] }) => addCidrs).map(cidr4);
  return addSubnets.map((subnet) => {
    const vpcCidr = added.find((cidr: Cidr4) => cidr4Contains(cidr, cidr4(subnet.cidr)));
    const change = { atMs: durationMs(at), kind: "add-subnet", subnet: fleetSubnet(subnet) } as const;
    return vpcCidr === undefined ? change : { ...change, vpcCidr };
  });
}

function nodeChanges({ at, replaceNodes, scaleGroup }: ClusterChange): FleetChange[] {
  const atMs = durationMs(at);
  const changes: FleetChange[] = [];
  if (replaceNodes !== undefined) {
    const { group, maxUnavailable, launchFirst, nodes, instanceType, maxPods, podsPerNode, nodeReadyAfter } = replaceNodes;
    changes.push({
      atMs,
      kind: "replace-nodes",
      group,
      maxUnavailable,
      launchFirst,
      nodeReadyAfterMs: durationMs(nodeReadyAfter),
      ...(nodes === undefined ? {} : { nodes }),
      ...(instanceType === undefined ? {} : { instanceType }),
      ...(maxPods === undefined ? {} : { maxPods }),
      ...(podsPerNode === undefined ? {} : { podsPerNodeByCompute: podsPerNode }),
    });
  }
  if (scaleGroup !== undefined) {
    const { group, nodes, nodeReadyAfter } = scaleGroup;
    changes.push({ atMs, kind: "scale-group", group, nodes, nodeReadyAfterMs: durationMs(nodeReadyAfter) });
  }
  return changes;
}
