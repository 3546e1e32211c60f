import { at, listOf, sameJson, textOf, type KubeObject } from "@slash28/kube-store";

import { timeText } from "../time-text.ts";
import type { Cluster } from "./cluster.ts";

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** What a namespace that is being deleted says of itself: what is left in it, and which finalizers hold that. */
export function noteWhatIsLeft(cluster: Cluster, namespace: string): void {
  const stored = cluster.store.get("namespaces", { name: namespace });
  if (stored?.metadata.deletionTimestamp === undefined) return;
  const before = listOf(at(stored, "status", "conditions"));
  const now = timeText(cluster.now());
  const conditions = conditionsOf(cluster, namespace).map((condition) => {
    const was = before.find((one) => at(one, "type") === condition.type);
    const since = at(was, "status") === condition.status ? textOf(at(was, "lastTransitionTime")) : undefined;
    return { ...condition, lastTransitionTime: since ?? now };
  });
  if (sameJson(conditions, before)) return;
  cluster.store.replace("namespaces", { ...stored, status: { ...(stored["status"] as object | undefined), conditions } });
}

function conditionsOf(cluster: Cluster, namespace: string): readonly Condition[] {
  const left = cluster.registry
    .stored()
    .filter(({ isNamespaced }) => isNamespaced)
    .map(({ storage }) => ({ storage, objects: cluster.store.list(storage, namespace) }))
    .filter(({ objects }) => objects.length > 0);
  const resources = left.map(({ storage, objects }) => `${storage} has ${objects.length} resource instances`);
  const finalizers = countFinalizers(left.flatMap(({ objects }) => objects));
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`);
  return [
    fine("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    fine("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    fine("NamespaceDeletionContentFailure", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
    resources.length === 0
      ? fine("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed")
      : open("NamespaceContentRemaining", "SomeResourcesRemain", `Some resources are remaining: ${resources.join(", ")}`),
    held.length === 0
      ? fine("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished")
      : open(
          "NamespaceFinalizersRemaining",
          "SomeFinalizersRemain",
          `Some content in the namespace has finalizers remaining: ${held.join(", ")}`,
        ),
  ];
}

function countFinalizers(objects: readonly KubeObject[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata } of objects) {
    for (const name of metadata.finalizers ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function fine(type: string, reason: string, message: string): Condition {
  return { type, status: "False", reason, message };
}

function open(type: string, reason: string, message: string): Condition {
  return { type, status: "True", reason, message };
}
