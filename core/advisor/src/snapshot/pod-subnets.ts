import type { SubnetId } from "@slash28/address";
import { CNI_ROLE_TAG } from "@slash28/ipam";
import type { SeenEniConfig, SeenNode } from "./kubernetes-objects.ts";
import type { SeenSubnet } from "./aws-objects.ts";
import type { ClusterView, ViewNode } from "./cluster-view.ts";

const EXTERNAL_LABEL = "vpc.amazonaws.com/externalEniConfig";

/** The name of the ENIConfig that a node is to use, by upstream's precedence: a label of EKS, an annotation, a label, `default`. */
export function eniConfigNameOf(view: ClusterView, { labels, annotations }: SeenNode): string {
  const { eniConfigAnnotation, eniConfigLabel } = view.settings.enis;
  return labels[EXTERNAL_LABEL] ?? annotations[eniConfigAnnotation] ?? labels[eniConfigLabel] ?? "default";
}

export function eniConfigOf(view: ClusterView, node: SeenNode): SeenEniConfig | undefined {
  const name = eniConfigNameOf(view, node);
  return view.snapshot.eniConfigs?.find((config) => config.name === name);
}

/** Subnets that the node's pods have or get addresses of: those its ENIs are in and, where new ones are made, its ENIConfig's or its own. */
export function podSubnetsOf(view: ClusterView, { node, enis, subnet }: ViewNode): readonly SeenSubnet[] {
  const isCustom = view.settings.pool.customNetworking;
  const ids = new Set<SubnetId>(enis.filter(({ deviceIndex }) => !isCustom || deviceIndex !== 0).map(({ subnetId }) => subnetId));
  const next = isCustom ? eniConfigOf(view, node)?.subnetId : subnet?.id;
  if (next !== undefined) ids.add(next);
  return [...ids].flatMap((id) => view.subnet(id) ?? []);
}

/** Every subnet that nodes or pods depend on, each with the nodes that do. */
export function subnetsInUse(view: ClusterView): readonly { readonly subnet: SeenSubnet; readonly nodes: readonly ViewNode[] }[] {
  const users = new Map<SubnetId, Set<ViewNode>>();
  const add = (subnet: SeenSubnet, node: ViewNode): void => {
    users.set(subnet.id, (users.get(subnet.id) ?? new Set()).add(node));
  };
  for (const node of view.nodes) {
    if (node.subnet !== undefined) add(node.subnet, node);
    for (const subnet of podSubnetsOf(view, node)) add(subnet, node);
  }
  return [...users].flatMap(([id, nodes]) => {
    const subnet = view.subnet(id);
    return subnet === undefined ? [] : [{ subnet, nodes: [...nodes] }];
  });
}

/** Whether the CNI may make ENIs in a subnet that no node is in: any value but none and 0 says so. */
export function isForPodsByTag({ tags }: SeenSubnet): boolean {
  return !["", "0"].includes(tags[CNI_ROLE_TAG] ?? "");
}
