import type { ClusterView } from "../snapshot/cluster-view.ts";

/** Subnets and role for a new node group, as the one of this name has them, or any other. */
export function placeOfGroup(view: ClusterView, name: string | undefined): string {
  const { nodeGroups = [] } = view.snapshot;
  const like = nodeGroups.find((group) => group.name === name) ?? nodeGroups[0];
  const ofNodes = [...new Set(view.nodes.flatMap(({ subnet }) => subnet?.id ?? []))];
  const subnets = like === undefined || like.subnetIds.length === 0 ? ofNodes : like.subnetIds;
  return `--subnets ${subnets.length === 0 ? "<subnets>" : subnets.join(" ")} --node-role ${like?.roleArn ?? "<node-role-arn>"}`;
}
