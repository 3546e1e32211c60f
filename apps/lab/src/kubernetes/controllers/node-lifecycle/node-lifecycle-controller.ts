import { RESOURCES, createEventRecorder } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { lostPods, markNotReady } from "./lost-pods.ts";
import { reconcileNode } from "./reconcile.ts";

const LEASES = "kube-node-lease";

/** Marks nodes whose kubelet is silent and the pods on them, and keeps new pods off nodes that are not ready. */
export function startNodeLifecycleController(ports: ControllerPorts, view: ClusterView): Controller {
  const events = createEventRecorder({ ...ports, source: { component: "node-controller" } });
  return runController(ports, {
    name: "node-lifecycle",
    turn: (name) => turnNode(ports, view, events, name),
    sources: (queue) => [keyEachObject(view.nodes, queue)],
  });
}

async function turnNode(
  ports: ControllerPorts,
  view: ClusterView,
  events: EventRecorder,
  name: string,
): Promise<{ afterMs: number } | void> {
  const node = view.nodes.get(name);
  if (node === undefined) return;
  const plan = reconcileNode({ node, lease: view.leases.get(name, LEASES), now: ports.clock.now() });
  const { resourceVersion } = node.metadata;
  // With the version: a kubelet that reports in between has the last word.
  if (plan.conditions !== undefined) {
    const body = { metadata: { resourceVersion }, status: { conditions: plan.conditions } };
    await ports.kube.patch(RESOURCES.nodes, name, undefined, { kind: "merge", body, subresource: "status" });
    // The change that comes back brings the taints, and what its pods are told.
    return;
  }
  await Promise.all(lostPods(node, view.pods.byIndex("node", name)).map((pod) => markNotReady(ports, events, pod)));
  if (plan.taints !== undefined) {
    const body = { metadata: { resourceVersion }, spec: { taints: plan.taints } };
    await ports.kube.patch(RESOURCES.nodes, name, undefined, { kind: "merge", body });
  }
  return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
}
