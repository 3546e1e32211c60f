import type { SeenSubnet } from "../snapshot/aws-objects.ts";
import type { ClusterView, ViewNode } from "../snapshot/cluster-view.ts";
import { isForPodsByTag } from "../snapshot/pod-subnets.ts";
import { spaceOf, type SubnetSpace } from "../snapshot/subnet-space.ts";

export interface OtherRoom {
  readonly subnet: SeenSubnet;
  readonly room: number;
}

/** Subnets beside this one in which the agents of these nodes may make network interfaces, by their tag, and that have room of the kind asked for. */
export function otherRoom(
  view: ClusterView,
  subnet: SeenSubnet,
  nodes: readonly ViewNode[],
  roomOf: (space: SubnetSpace) => number,
): readonly OtherRoom[] {
  const { pool, enis } = view.settings;
  if (pool.customNetworking || !enis.subnetDiscovery || nodes.some(({ zone }) => zone !== subnet.zone)) return [];
  return (view.snapshot.subnets ?? []).flatMap((other) => {
    if (other === subnet || other.zone !== subnet.zone || other.vpcId !== subnet.vpcId || !isForPodsByTag(other)) return [];
    const room = roomOf(spaceOf(view, other));
    return room > 0 ? [{ subnet: other, room }] : [];
  });
}
