import { isNotFound, refusedStatus, RESOURCES } from "@slash28/kube";
import type { Kube } from "@slash28/ports";
import type { ObservedNode } from "./observe-nodes.ts";

const TOO_MANY_REQUESTS = 429;

/** Marks a node unschedulable, then asks for the eviction of each pod that must move; what a disruption budget holds back is asked for again next time. */
export async function drainNode(kube: Kube, node: ObservedNode, { isForced }: { readonly isForced: boolean }): Promise<void> {
  if (node.nodeName === undefined) return;
  if (!node.isCordoned) await setSchedulable(kube, node.nodeName, false);
  for (const pod of node.pods) {
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const { name, namespace = "default" } = pod.metadata;
    try {
      await kube.create(RESOURCES.evictions, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } });
    } catch (cause) {
      if (refusedStatus(cause) === TOO_MANY_REQUESTS) {
        if (isForced) await kube.delete(RESOURCES.pods, name, namespace);
      } else if (!isNotFound(cause)) throw cause;
    }
  }
}

export async function setSchedulable(kube: Kube, nodeName: string, isSchedulable: boolean): Promise<void> {
  try {
    await kube.patch(RESOURCES.nodes, nodeName, undefined, {
      kind: "merge",
      body: { spec: { unschedulable: isSchedulable ? null : true } },
    });
  } catch (cause) {
    if (!isNotFound(cause)) throw cause;
  }
}
