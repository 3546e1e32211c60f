import { isNotFound, RESOURCES } from "@slash28/kube";
import { nodeLabels, type GroupTaint, type Nodegroup } from "@slash28/node-groups";
import type { Kube } from "@slash28/ports";
import type { ObservedNode } from "./observe-nodes.ts";

/** Puts the group's labels on nodes that lack some: those of images of one's own, and those that were there before a label was. */
export async function labelNodes(kube: Kube, group: Nodegroup, nodes: readonly ObservedNode[]): Promise<void> {
  for (const { nodeName, object, imageId } of nodes) {
    if (nodeName === undefined) continue;
    const present = object?.metadata.labels ?? {};
    // Which template and image a node is of does not change while the group moves on.
    const wanted = { ...nodeLabels(group, imageId), ...kept(present) };
    const missing = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => present[key] !== value));
    if (Object.keys(missing).length > 0) await patchNode(kube, nodeName, { metadata: { labels: missing } });
  }
}

function kept(present: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = Object.entries(present).filter(([key]) => key.startsWith("eks.amazonaws.com/"));
  return Object.fromEntries(own);
}

/** Carries a change of labels and taints to the nodes that are there. */
export async function remarkNodes(
  kube: Kube,
  group: Nodegroup,
  nodes: readonly ObservedNode[],
  removed: { readonly removeLabels: readonly string[]; readonly removeTaints: readonly GroupTaint[] },
): Promise<void> {
  for (const { nodeName, object } of nodes) {
    if (nodeName === undefined) continue;
    const labels: Record<string, string | null> = { ...group.labels };
    for (const key of removed.removeLabels) labels[key] = null;
    const isOurs = (taint: { readonly key: string; readonly effect: string }): boolean =>
      [...group.taints, ...removed.removeTaints].some(({ key, effect }) => key === taint.key && effect === taint.effect);
    const taints = [...(object?.spec?.taints ?? []).filter((taint) => !isOurs(taint)), ...group.taints];
    await patchNode(kube, nodeName, { metadata: { labels }, spec: { taints } });
  }
}

async function patchNode(kube: Kube, nodeName: string, body: object): Promise<void> {
  try {
    await kube.patch(RESOURCES.nodes, nodeName, undefined, { kind: "merge", body });
  } catch (cause) {
    if (!isNotFound(cause)) throw cause;
  }
}
