import { cidr4, cidr4Overlaps, type Cidr4 } from "@slash28/address";
import type { AddSubnetChange, FleetChange, SetEnvChange } from "@slash28/fleet";
import { CNI_ROLE_TAG } from "@slash28/ipam";
import { FIX_AT_MS } from "../effect/fix-time.ts";
import { groupNameOf } from "../effect/group-name.ts";
import type { ClusterView, ViewNode } from "../snapshot/cluster-view.ts";

/** A DaemonSet's rolling update restarts this share of its pods at the same time (the VPC CNI's manifest). */
const ROLLING_SHARE = 0.1;

/** `kubectl set env` of the agent, rolled out as its DaemonSet is. */
export function setEnvChange(view: ClusterView, env: Readonly<Record<string, string | undefined>>): SetEnvChange {
  return {
    kind: "set-env",
    atMs: FIX_AT_MS,
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? null])),
    maxUnavailable: Math.max(1, Math.ceil(view.nodes.length * ROLLING_SHARE)),
  };
}

/** Ranges for subnets of pods beyond the VPC's own, as the fixes name them. */
const BEYOND: readonly Cidr4[] = [0, 32, 64, 96, 128, 160, 192, 224].map((third) => cidr4(`100.64.${third}.0/19`));

/** A roomy subnet that the agent may make ENIs in, in the zone of a full or broken one. */
export function addPodSubnet(view: ClusterView, zone: string): readonly FleetChange[] {
  const taken = (view.snapshot.subnets ?? []).map(({ cidr }) => cidr);
  const free = BEYOND.find((range) => !taken.some((other) => cidr4Overlaps(range, other)));
  if (free === undefined) return [];
  const change: AddSubnetChange = {
    kind: "add-subnet",
    atMs: FIX_AT_MS,
    subnet: { name: `new-${zone}`, zone, cidr: free, isForNodes: false, tags: { [CNI_ROLE_TAG]: "1" } },
    vpcCidr: cidr4("100.64.0.0/16"),
  };
  return [change];
}

/** From the launch of an instance until its kubelet takes pods: what managed nodes commonly take. */
const NODE_READY_AFTER_MS = 90_000;

/** Every node of the groups of these nodes is replaced by a new one, as a managed node group does it. */
export function replaceGroups(view: ClusterView, nodes: readonly ViewNode[]): readonly FleetChange[] {
  return [...new Set(nodes.map(groupNameOf))].map((group) => ({
    kind: "replace-nodes",
    atMs: FIX_AT_MS,
    group,
    maxUnavailable: Math.max(1, Math.ceil(view.nodes.length * ROLLING_SHARE)),
    launchFirst: true,
    nodeReadyAfterMs: NODE_READY_AFTER_MS,
  }));
}
