import { RESOURCES, isAlreadyExists, isNotFound, refusedStatus } from "@slash28/kube";
import type { ObjectChange } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { missingDefaults } from "./namespace-contents.ts";

/** Gives every namespace its default account and the cluster's CA, again when somebody deletes them. Emptying namespaces is the API server's. */
export function startNamespaceController(ports: ControllerPorts, view: ClusterView, caPem: string | undefined): Controller {
  return runController(ports, {
    name: "namespace",
    turn: (name) => turnNamespace(ports, view, caPem, name),
    sources: (queue) => {
      const onLoss = ({ type, object }: ObjectChange<KubeObject>): void => {
        if (type === "deleted") queue.add(object.metadata.namespace ?? "");
      };
      return [
        view.namespaces.onChange(({ object }) => queue.add(object.metadata.name)),
        view.serviceAccounts.onChange(onLoss),
        view.configMaps.onChange(onLoss),
      ];
    },
  });
}

async function turnNamespace(ports: ControllerPorts, view: ClusterView, caPem: string | undefined, name: string): Promise<void> {
  const namespace = view.namespaces.get(name);
  if (namespace === undefined) return;
  const contents = [...view.serviceAccounts.list(), ...view.configMaps.list()].filter((object) => object.metadata.namespace === name);
  for (const object of missingDefaults({ namespace, contents, caPem })) {
    const resource = object.kind === "ConfigMap" ? RESOURCES.configMaps : RESOURCES.serviceAccounts;
    try {
      await ports.kube.create(resource, object);
    } catch (error) {
      // There already, or its namespace is on its way out.
      if (!isAlreadyExists(error) && refusedStatus(error) !== 403 && !isNotFound(error)) throw error;
    }
  }
}
