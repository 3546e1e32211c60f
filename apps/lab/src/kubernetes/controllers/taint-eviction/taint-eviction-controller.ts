import { RESOURCES, createEventRecorder, isNoLongerThere, objectKey, splitKey } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { timeText, withCondition } from "../objects/index.ts";
import type { Pod } from "../objects/index.ts";
import { leavesAt, seenTaints } from "./stay.ts";
import type { SeenTaint } from "./stay.ts";

/** Deletes pods from nodes whose NoExecute taints they do not tolerate, at once or when their time is over. */
export function startTaintEvictionController(ports: ControllerPorts, view: ClusterView): Controller {
  const events = createEventRecorder({ ...ports, source: { component: "taint-eviction-controller" } });
  const context: Context = { ports, view, events, tainted: new Map() };
  return runController(ports, {
    name: "taint-eviction",
    turn: (key) => turnPod(context, key),
    sources: (queue) => [
      view.nodes.onChange(({ type, object: node }) => {
        const { name } = node.metadata;
        const taints = type === "deleted" ? [] : seenTaints(node.spec?.taints, context.tainted.get(name) ?? [], ports.clock.now());
        if (taints.length === 0) return void context.tainted.delete(name);
        context.tainted.set(name, taints);
        for (const pod of view.pods.byIndex("node", name)) queue.add(objectKey(pod));
      }),
      view.pods.onChange(({ type, object: pod }) => {
        if (type !== "deleted" && context.tainted.has(pod.spec.nodeName ?? "")) queue.add(objectKey(pod));
      }),
    ],
  });
}

interface Context {
  readonly ports: ControllerPorts;
  readonly view: ClusterView;
  readonly events: EventRecorder;
  /** Nodes with NoExecute taints. */
  readonly tainted: Map<string, readonly SeenTaint[]>;
}

async function turnPod({ ports, view, events, tainted }: Context, key: string): Promise<{ afterMs: number } | void> {
  const { name, namespace } = splitKey(key);
  const pod = view.pods.get(name, namespace);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
  const time = leavesAt(pod, tainted.get(pod.spec.nodeName ?? "") ?? []);
  if (time === undefined) return;
  const leftMs = time - ports.clock.now();
  if (leftMs > 0) return { afterMs: leftMs };
  void events.record(pod, { type: "Normal", reason: "TaintManagerEviction", message: `Marking for deletion Pod ${namespace}/${name}` });
  await evict(ports, pod);
}

async function evict({ kube, clock }: ControllerPorts, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const message = "Taint manager: deleting due to NoExecute taint";
  const condition = { type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager", message };
  const conditions = withCondition(pod.status?.conditions, condition, timeText(clock.now()));
  try {
    const body = { metadata: { uid }, status: { conditions } };
    await kube.patch(RESOURCES.pods, name, namespace, { kind: "merge", body, subresource: "status" });
    await kube.delete(RESOURCES.pods, name, namespace, uid === undefined ? {} : { uid });
  } catch (error) {
    if (!isNoLongerThere(error)) throw error;
  }
}
