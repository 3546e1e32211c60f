import type { GraphNode, OwnerGraph } from "./owner-graph.ts";

export type GarbageAction =
  | { readonly kind: "delete"; readonly node: GraphNode; readonly propagation: "Foreground" | "Background" }
  | { readonly kind: "remove-finalizer"; readonly node: GraphNode; readonly finalizer: string }
  /** The object lives on without these owners. */
  | { readonly kind: "drop-owners"; readonly node: GraphNode; readonly uids: readonly string[] };

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

/**
 * What follows for one object from its owners and dependents.
 * @param gone owners known not to exist: a uid that is merely not in the graph may be too new to have been seen.
 */
export function collect(graph: OwnerGraph, uid: string, gone: ReadonlySet<string>): readonly GarbageAction[] {
  const node = graph.get(uid);
  if (node === undefined) return [];
  const finalizers = isDeleting(node) ? (node.object.metadata.finalizers ?? []) : [];
  if (finalizers.includes(ORPHAN)) return orphanDependents(graph, node, uid);
  if (finalizers.includes(FOREGROUND)) return deleteDependents(graph, node, uid);
  return isDeleting(node) ? [] : followOwners(graph, node, gone);
}

function isDeleting(node: GraphNode): boolean {
  return node.object.metadata.deletionTimestamp !== undefined;
}

/** Deleted, and kept only until its dependents are gone. */
function isWaiting(node: GraphNode | undefined): boolean {
  return node !== undefined && isDeleting(node) && node.object.metadata.finalizers?.includes(FOREGROUND) === true;
}

function orphanDependents(graph: OwnerGraph, node: GraphNode, uid: string): readonly GarbageAction[] {
  const dependents = graph.dependentsOf(uid);
  // The finalizer goes last: once it is gone the owner is, and dependents that still name it would be collected.
  if (dependents.length === 0) return [{ kind: "remove-finalizer", node, finalizer: ORPHAN }];
  return dependents.map((dependent) => ({ kind: "drop-owners", node: dependent, uids: [uid] }));
}

function deleteDependents(graph: OwnerGraph, node: GraphNode, uid: string): readonly GarbageAction[] {
  const dependents = graph.dependentsOf(uid);
  const isBlocking = (dependent: GraphNode): boolean =>
    dependent.object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true) === true;
  const actions: GarbageAction[] = dependents
    .filter((dependent) => !isDeleting(dependent) && !hasOtherOwner(graph, dependent, uid))
    .map((dependent) => ({ kind: "delete", node: dependent, propagation: propagationFor(graph, dependent) }));
  if (!dependents.some((dependent) => isBlocking(dependent) && !hasOtherOwner(graph, dependent, uid))) {
    actions.push({ kind: "remove-finalizer", node, finalizer: FOREGROUND });
  }
  return actions;
}

/** Owned by somebody else too who is there to stay. */
function hasOtherOwner(graph: OwnerGraph, dependent: GraphNode, uid: string): boolean {
  return (dependent.object.metadata.ownerReferences ?? []).some((owner) => {
    const other = owner.uid === uid ? undefined : graph.get(owner.uid);
    return other !== undefined && !isWaiting(other);
  });
}

/** Waiting for an object's dependents is only worth it where there are any. */
function propagationFor(graph: OwnerGraph, node: GraphNode): "Foreground" | "Background" {
  return graph.dependentsOf(node.object.metadata.uid ?? "").length > 0 ? "Foreground" : "Background";
}

function followOwners(graph: OwnerGraph, node: GraphNode, gone: ReadonlySet<string>): readonly GarbageAction[] {
  const owners = node.object.metadata.ownerReferences ?? [];
  const lost = owners.filter((owner) => gone.has(owner.uid) && graph.get(owner.uid) === undefined);
  const waiting = owners.filter((owner) => isWaiting(graph.get(owner.uid)));
  const leaving = [...lost, ...waiting];
  if (leaving.length === 0) return [];
  if (leaving.length < owners.length) return [{ kind: "drop-owners", node, uids: leaving.map((owner) => owner.uid) }];
  const propagation = waiting.length > 0 ? propagationFor(graph, node) : "Background";
  return [{ kind: "delete", node, propagation }];
}
