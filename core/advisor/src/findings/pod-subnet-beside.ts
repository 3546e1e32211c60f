import type { FleetChange } from "@slash28/fleet";
import type { SeenSubnet } from "../snapshot/aws-objects.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { eniConfigPatch } from "./eni-config-manifest.ts";
import { newPodSubnets, podSubnetChanges, type NewPodSubnet } from "./new-pod-subnet.ts";

/** A new subnet for pods in the zone of one that has no room, and whatever leads new network interfaces there. */
export interface PodSubnetBeside extends NewPodSubnet {
  /** With custom networking: the ENIConfigs that name the old subnet name the new one. */
  readonly eniConfigPatches: readonly string[];
  /** All of it as changes to a simulated fleet. */
  readonly changes: readonly FleetChange[];
}

/** `undefined`: no range is free for it. */
export function podSubnetBeside(view: ClusterView, { id, zone, vpcId }: SeenSubnet): PodSubnetBeside | undefined {
  const isCustom = view.settings.pool.customNetworking;
  const [made] = newPodSubnets(view, [{ zone, vpcId, hasCniTag: !isCustom }]);
  if (made === undefined) return undefined;
  const configs = isCustom ? (view.snapshot.eniConfigs ?? []).filter(({ subnetId }) => subnetId === id) : [];
  return {
    ...made,
    eniConfigPatches: configs.map(({ name }) => eniConfigPatch(name, `$${made.variable}`)),
    changes: podSubnetChanges(view, [made]),
  };
}
