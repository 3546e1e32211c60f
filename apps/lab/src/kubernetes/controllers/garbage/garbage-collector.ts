import { isNotFound, refusedStatus } from "@slash28/kube";
import type { Informer, ObjectChange, WorkQueue } from "@slash28/kube";
import type { KubeObject, KubeResource, OwnerReference } from "@slash28/ports";
import type { ControllerPorts } from "../cluster-view.ts";
import { runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { collect } from "./collect.ts";
import type { GarbageAction } from "./collect.ts";
import { OwnerGraph } from "./owner-graph.ts";

/** A kind of object that may own or be owned, and the live copy of its objects. */
export interface FollowedKind {
  readonly kind: string;
  readonly resource: KubeResource;
  readonly isNamespaced: boolean;
  readonly informer: Informer<KubeObject>;
}

/** Deletes what has lost its owners, and sees foreground and orphaning deletions through. */
export function startGarbageCollector(ports: ControllerPorts, kinds: readonly FollowedKind[]): Controller {
  const context: Context = { ports, kinds, graph: new OwnerGraph(), gone: new Set() };
  return runController(ports, {
    name: "garbage-collector",
    turn: (uid) => turnObject(context, uid),
    sources: (queue) => kinds.map((kind) => kind.informer.onChange((change) => follow(context, queue, kind, change))),
  });
}

interface Context {
  readonly ports: ControllerPorts;
  readonly kinds: readonly FollowedKind[];
  readonly graph: OwnerGraph;
  /** Owners known not to exist; a uid never comes back. */
  readonly gone: Set<string>;
}

function follow(context: Context, queue: WorkQueue, kind: FollowedKind, change: ObjectChange<KubeObject>): void {
  const { graph } = context;
  const { uid = "", ownerReferences = [], deletionTimestamp } = change.object.metadata;
  if (change.type === "deleted") {
    context.gone.add(uid);
    for (const dependent of graph.dependentsOf(uid)) queue.add(dependent.object.metadata.uid ?? "");
    graph.remove(uid);
  } else {
    graph.put(kind.resource, change.object);
    if (ownerReferences.length > 0 || deletionTimestamp !== undefined) queue.add(uid);
    if (deletionTimestamp !== undefined) for (const dependent of graph.dependentsOf(uid)) queue.add(dependent.object.metadata.uid ?? "");
  }
  // An owner that waits for its dependents looks again when one of them changes.
  const before = change.type === "updated" ? (change.before.metadata.ownerReferences ?? []) : [];
  for (const owner of [...ownerReferences, ...before]) {
    if (graph.get(owner.uid)?.object.metadata.deletionTimestamp !== undefined) queue.add(owner.uid);
  }
}

async function turnObject(context: Context, uid: string): Promise<void> {
  const node = context.graph.get(uid);
  if (node === undefined) return;
  const { namespace, ownerReferences = [] } = node.object.metadata;
  for (const owner of ownerReferences) {
    if (context.graph.get(owner.uid) !== undefined || context.gone.has(owner.uid)) continue;
    if (await isGoneForGood(context, owner, namespace)) context.gone.add(owner.uid);
  }
  for (const action of collect(context.graph, uid, context.gone)) await act(context, action);
}

/** Asks the API server itself. An owner of a kind that is not followed counts as there. */
async function isGoneForGood(context: Context, owner: OwnerReference, namespace: string | undefined): Promise<boolean> {
  const group = owner.apiVersion.includes("/") ? owner.apiVersion.slice(0, owner.apiVersion.indexOf("/")) : "";
  const kind = context.kinds.find((kind) => kind.kind === owner.kind && kind.resource.group === group);
  if (kind === undefined) return false;
  const found = await context.ports.kube.get(kind.resource, owner.name, kind.isNamespaced ? namespace : undefined);
  return found === undefined || found.metadata.uid !== owner.uid;
}

async function act(context: Context, action: GarbageAction): Promise<void> {
  const { kube } = context.ports;
  const { resource, object } = action.node;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  try {
    switch (action.kind) {
      case "delete": {
        const options = { propagation: action.propagation, ...(uid === undefined ? {} : { uid }) };
        return await kube.delete(resource, name, namespace, options);
      }
      case "remove-finalizer": {
        const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== action.finalizer);
        // The version keeps a finalizer that somebody adds in the meantime.
        const body = { metadata: { resourceVersion, finalizers } };
        return void (await kube.patch(resource, name, namespace, { kind: "merge", body }));
      }
      case "drop-owners": {
        const ownerReferences = (object.metadata.ownerReferences ?? []).filter((owner) => !action.uids.includes(owner.uid));
        const body = { metadata: { resourceVersion, ownerReferences } };
        return void (await kube.patch(resource, name, namespace, { kind: "merge", body }));
      }
      default:
        action satisfies never;
    }
  } catch (error) {
    // Gone, or replaced by another of its name: nothing is left to collect. A changed object is looked at again anyway.
    if (isNotFound(error) || (action.kind === "delete" && refusedStatus(error) === 409)) return;
    throw error;
  }
}
