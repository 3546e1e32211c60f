import { at, listOf, textOf, type KubeObject, type Result, type Store } from "@slash28/kube-store";

import { CRD_STORAGE } from "../resources/resource-registry.ts";
import { storageName, type ResourceDefinition } from "../resources/resource-definition.ts";
import type { Cluster, NamedTarget } from "./cluster.ts";
import { noteWhatIsLeft } from "./namespace-conditions.ts";

type Delete = (cluster: Cluster, target: NamedTarget, request: { readonly propagation: "Background" }) => Result<unknown>;

/** Starts deleting everything in a namespace. The namespace itself goes with its last object. */
export function emptyNamespace(cluster: Cluster, namespace: string, deleteObject: Delete): void {
  for (const definition of cluster.registry.stored()) {
    if (definition.isNamespaced) deleteAll(cluster, definition, namespace, deleteObject);
  }
  removeIfEmpty(cluster, namespace);
  noteWhatIsLeft(cluster, namespace);
}

/** Starts deleting every object of a custom resource. Its definition goes with the last one. */
export function emptyResource(cluster: Cluster, crd: KubeObject, deleteObject: Delete): void {
  const definition = cluster.registry.stored().find((one) => one.storage === crd.metadata.name);
  if (definition !== undefined) deleteAll(cluster, definition, undefined, deleteObject);
  removeCrdIfEmpty(cluster, crd.metadata.name);
}

function deleteAll(cluster: Cluster, definition: ResourceDefinition, namespace: string | undefined, deleteObject: Delete): void {
  for (const { metadata } of cluster.store.list(definition.storage, namespace)) {
    const target = { definition, name: metadata.name, namespace: metadata.namespace };
    deleteObject(cluster, target, { propagation: "Background" });
  }
}

/** Takes terminating namespaces and resource definitions away as soon as their last object is gone. */
export function finishContainers(cluster: Cluster): void {
  cluster.store.onWrite(({ resource, before, after }) => {
    if (before === undefined) return;
    // Its last finalizer may have gone.
    if (after?.metadata.deletionTimestamp !== undefined && resource === "namespaces") removeIfEmpty(cluster, after.metadata.name);
    if (after?.metadata.deletionTimestamp !== undefined && resource === CRD_STORAGE) removeCrdIfEmpty(cluster, after.metadata.name);
    if (after !== undefined) return;
    const { namespace } = before.metadata;
    if (namespace !== undefined && isTerminating(cluster.store, "namespaces", namespace)) {
      removeIfEmpty(cluster, namespace);
      // Said when the last of a type goes, not for each object.
      if (cluster.store.list(resource, namespace).length === 0) noteWhatIsLeft(cluster, namespace);
    }
    removeCrdIfEmpty(cluster, resource);
  });
}

function removeIfEmpty(cluster: Cluster, namespace: string): void {
  const { store, registry } = cluster;
  if (!isTerminating(store, "namespaces", namespace)) return;
  const isEmpty = registry
    .stored()
    .every((definition) => !definition.isNamespaced || store.list(definition.storage, namespace).length === 0);
  if (isEmpty && !isHeld(store, "namespaces", namespace)) store.remove("namespaces", { name: namespace });
}

/** Somebody else's finalizers have the last word; the namespace's own is this file. */
function isHeld(store: Store, resource: string, name: string): boolean {
  const object = store.get(resource, { name });
  const others = listOf(at(object, "spec", "finalizers")).filter((one) => one !== "kubernetes");
  return (object?.metadata.finalizers ?? []).length > 0 || others.length > 0;
}

function removeCrdIfEmpty({ store }: Cluster, name: string): void {
  if (!isTerminating(store, CRD_STORAGE, name)) return;
  const crd = store.get(CRD_STORAGE, { name });
  const storage = storageName(textOf(at(crd, "spec", "group")) ?? "", textOf(at(crd, "spec", "names", "plural")) ?? "");
  if (store.list(storage).length === 0 && !isHeld(store, CRD_STORAGE, name)) store.remove(CRD_STORAGE, { name });
}

function isTerminating(store: Store, resource: string, name: string): boolean {
  return store.get(resource, { name })?.metadata.deletionTimestamp !== undefined;
}
