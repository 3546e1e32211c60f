import type { FleetChange, SetEnvChange } from "@slash28/fleet";
import { groupNameOf } from "../effect/group-name.ts";
import type { SeenNodeGroup } from "../snapshot/aws-objects.ts";
import { groupBy, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";

/** A DaemonSet's rolling update restarts this share of its pods at the same time (the VPC CNI's manifest). */
const ROLLING_SHARE = 0.1;

/** `kubectl set env` of the agent, rolled out as its DaemonSet is; without variables, a mere restart. */
export function setEnvChange(view: ClusterView, env: Readonly<Record<string, string | undefined>>): SetEnvChange {
  return {
    kind: "set-env",
    atMs: 0,
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? null])),
    maxUnavailable: Math.max(1, Math.ceil(view.nodes.length * ROLLING_SHARE)),
  };
}

interface Replacement {
  /** What kubelet of the new nodes is told; absent: as before. */
  readonly maxPods?: (node: ViewNode) => number | undefined;
  /** Absent: as before. */
  readonly instanceType?: string;
}

/** Every node of the groups of these nodes is replaced by a new one, as a managed node group does it: as many at a time as its `updateConfig` allows. */
export function replaceGroups(
  view: ClusterView,
  nodes: readonly ViewNode[],
  { maxPods, instanceType }: Replacement = {},
): readonly FleetChange[] {
  return [...groupBy(nodes, groupNameOf)].map(([group, members]) => {
    const [first] = members;
    const most = first === undefined ? undefined : maxPods?.(first);
    return {
      kind: "replace-nodes",
      atMs: 0,
      group,
      maxUnavailable: widthOf(
        view.snapshot.nodeGroups?.find(({ name }) => name === first?.node.nodeGroup),
        members.length,
      ),
      launchFirst: true,
      nodeReadyAfterMs: 0,
      ...(instanceType === undefined ? {} : { instanceType }),
      ...(most === undefined ? {} : { maxPods: most }),
    };
  });
}

/** EKS replaces one node at a time unless told otherwise. */
function widthOf(group: SeenNodeGroup | undefined, nodes: number): number {
  if (group?.maxUnavailablePercentage !== undefined) return Math.max(1, Math.ceil((nodes * group.maxUnavailablePercentage) / 100));
  return Math.max(1, group?.maxUnavailable ?? 1);
}
