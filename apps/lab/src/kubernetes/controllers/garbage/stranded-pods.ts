import { RESOURCES, objectKey, splitKey } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import type { Node } from "../objects/index.ts";

/** Deletes pods whose node no longer exists: no kubelet is left to end them. */
export function startStrandedPodCollector(ports: ControllerPorts, view: ClusterView): Controller {
  return runController(ports, {
    name: "stranded-pods",
    turn: async (key) => {
      const { name, namespace } = splitKey(key);
      const pod = view.pods.get(name, namespace);
      const node = pod?.spec.nodeName ?? "";
      if (pod === undefined || node === "" || view.nodes.get(node) !== undefined) return;
      // The copy of the nodes may be behind the copy of the pods.
      if ((await ports.kube.get<Node>(RESOURCES.nodes, node)) !== undefined) return;
      const { uid } = pod.metadata;
      await ports.kube.delete(RESOURCES.pods, name, namespace, { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { uid }) });
    },
    sources: (queue) => [
      view.pods.onChange(({ type, object }) => {
        const { nodeName } = object.spec;
        if (type !== "deleted" && nodeName !== undefined && view.nodes.get(nodeName) === undefined) queue.add(objectKey(object));
      }),
      view.nodes.onChange(({ type, object }) => {
        if (type === "deleted") for (const pod of view.pods.byIndex("node", object.metadata.name)) queue.add(objectKey(pod));
      }),
    ],
  });
}
