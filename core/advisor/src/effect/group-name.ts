import type { ViewNode } from "../snapshot/cluster-view.ts";

/** The name of the simulation's group of a node: one for each type in a node group. */
export function groupNameOf({ node, type }: ViewNode): string {
  return `${node.nodeGroup ?? "nodes"}/${type ?? ""}`;
}
