import { groupBy, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";
import { clusterName } from "./cluster-name.ts";

/** Replaces nodes by new ones of the same group: a managed group rolls, other nodes are drained one after another. */
export function replaceNodeCommands(view: ClusterView, nodes: readonly ViewNode[]): readonly string[] {
  const cluster = clusterName(view);
  return [...groupBy(nodes, (node) => managedGroupOf(view, node))].flatMap(([group, members]) => {
    if (group === undefined) return members.flatMap(({ name }) => drain(name));
    const about = `--cluster-name ${cluster} --nodegroup-name ${group}`;
    return [`aws eks update-nodegroup-version ${about}`, `aws eks wait nodegroup-active ${about}`];
  });
}

/** Moves the pods of a node away; who ends its instance puts another in its place. */
export function drain(node: string): readonly string[] {
  return [`kubectl drain ${node} --ignore-daemonsets --delete-emptydir-data`];
}

/** The managed node group that a node is of, by EKS's label, or by EKS's own list. */
export function managedGroupOf(view: ClusterView, { node }: ViewNode): string | undefined {
  const byLabel = node.labels["eks.amazonaws.com/nodegroup"];
  return byLabel ?? view.snapshot.nodeGroups?.find(({ name }) => name === node.nodeGroup)?.name;
}
