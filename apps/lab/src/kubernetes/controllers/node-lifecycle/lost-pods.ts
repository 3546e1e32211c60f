import { RESOURCES, isNoLongerThere } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ControllerPorts } from "../cluster-view.ts";
import { conditionOf, isReady, timeText } from "../objects/index.ts";
import type { Node, Pod } from "../objects/index.ts";

/** The pods that still count as ready although nobody can vouch for their node. */
export function lostPods(node: Node, podsOfNode: readonly Pod[]): readonly Pod[] {
  return conditionOf(node.status?.conditions, "Ready")?.status === "Unknown" ? podsOfNode.filter(isReady) : [];
}

/**
 * Marks a pod not ready, so that Services send nothing to it. Only the one condition: what the kubelet said of the rest is the last that
 * is known. A kubelet that comes back says again what is so.
 */
export async function markNotReady({ kube, clock }: ControllerPorts, events: EventRecorder, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const ready = { type: "Ready", status: "False", lastTransitionTime: timeText(clock.now()) };
  void events.record(pod, { type: "Warning", reason: "NodeNotReady", message: "Node is not ready" });
  try {
    const body = { metadata: { uid }, status: { conditions: [ready] } };
    await kube.patch(RESOURCES.pods, name, namespace, { kind: "strategic", body, subresource: "status" });
  } catch (error) {
    if (!isNoLongerThere(error)) throw error;
  }
}
