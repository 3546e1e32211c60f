import { RESOURCES, isAlreadyExists, isNotFound, refusedStatus } from "@slash28/kube";
import type { KubeObject, KubeResource } from "@slash28/ports";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import type { FollowedKind } from "../garbage/garbage-collector.ts";
import { FIRST_NAMESPACES, reconcileNamespace } from "./namespace-contents.ts";

export interface NamespaceControllerOptions {
  readonly ports: ControllerPorts;
  readonly view: ClusterView;
  /** Kinds whose objects live in namespaces. */
  readonly kinds: readonly FollowedKind[];
  /** The cluster's CA, given to every namespace. */
  readonly caPem: string | undefined;
}

/** Makes the first namespaces, fills new ones, and empties those on their way out. */
export function startNamespaceController(options: NamespaceControllerOptions): Controller {
  const { ports, view } = options;
  const kinds = options.kinds.filter((kind) => kind.isNamespaced);
  return runController(ports, {
    name: "namespace",
    turn: (name) => turnNamespace({ ...options, kinds }, name),
    sources: (queue) => {
      for (const name of FIRST_NAMESPACES) queue.add(name);
      const own = view.namespaces.onChange(({ object }) => queue.add(object.metadata.name));
      const contents = kinds.map((kind) =>
        kind.informer.onChange(({ type, object }) => {
          const isDefault = object.kind === "ServiceAccount" || object.kind === "ConfigMap";
          const namespace = object.metadata.namespace ?? "";
          const isGoing = view.namespaces.get(namespace)?.metadata.deletionTimestamp !== undefined;
          if (isGoing || (type === "deleted" && isDefault)) queue.add(namespace);
        }),
      );
      return [own, ...contents];
    },
  });
}

async function turnNamespace(options: NamespaceControllerOptions, name: string): Promise<void> {
  const { kube } = options.ports;
  const namespace = options.view.namespaces.get(name);
  if (namespace === undefined) {
    if ((FIRST_NAMESPACES as readonly string[]).includes(name)) {
      await createMissing(options, RESOURCES.namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    return;
  }
  const held = options.kinds.flatMap((kind) =>
    kind.informer
      .list()
      .filter((object) => object.metadata.namespace === name)
      .map((object) => ({ object, resource: kind.resource })),
  );
  const contents = held.map(({ object }) => object);
  const plan = reconcileNamespace({ namespace, contents, caPem: options.caPem });
  switch (plan.kind) {
    case "none":
      return;
    case "fill":
      for (const object of plan.create) {
        await createMissing(options, object.kind === "ConfigMap" ? RESOURCES.configMaps : RESOURCES.serviceAccounts, object);
      }
      return;
    case "empty":
      for (const { object, resource } of held) {
        if (plan.delete.includes(object)) await kube.delete(resource, object.metadata.name, name, { propagation: "Background" });
      }
      return;
    case "finalize":
      return await finalize(options, namespace);
    default:
      plan satisfies never;
  }
}

async function createMissing(options: NamespaceControllerOptions, resource: KubeResource, object: KubeObject): Promise<void> {
  try {
    await options.ports.kube.create(resource, object);
  } catch (error) {
    // There already, or its namespace is on its way out.
    if (!isAlreadyExists(error) && refusedStatus(error) !== 403 && !isNotFound(error)) throw error;
  }
}

/** Nothing is left in it: the events go, then the namespace. */
async function finalize(options: NamespaceControllerOptions, namespace: KubeObject): Promise<void> {
  const { kube } = options.ports;
  const { name } = namespace.metadata;
  const events = await kube.list(RESOURCES.events, { namespace: name });
  for (const event of events.items) await kube.delete(RESOURCES.events, event.metadata.name, name);
  const spec = namespace["spec"] as { readonly finalizers?: readonly string[] } | undefined;
  const finalizers = (spec?.finalizers ?? []).filter((finalizer) => finalizer !== "kubernetes");
  try {
    await kube.update(RESOURCES.namespaces, { ...namespace, spec: { ...spec, finalizers } }, "finalize");
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
