import {
  RESOURCES,
  createEventRecorder,
  createInformer,
  createWorkQueue,
  isConflict,
  isNotFound,
  objectKey,
  splitKey,
} from "@slash28/kube";
import type { EventRecorder, Informer, ObjectChange, WorkQueue } from "@slash28/kube";
import type { Clock, Kube, KubeObject, Log } from "@slash28/ports";
import { conditionOf, isActive, sameJson, withCondition } from "../controllers/objects/index.ts";
import type { Condition, Node, Pod } from "../controllers/objects/index.ts";
import { LoadBook } from "./node-load.ts";
import { pickNode } from "./pick-node.ts";

export interface SchedulerPorts {
  readonly kube: Kube;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

export interface Scheduler {
  /** Resolves after the first look at all pods and nodes. */
  readonly synced: Promise<void>;
  stop(): Promise<void>;
}

const NAME = "default-scheduler";
/** Bindings in flight at once. */
const WORKERS = 32;

/** Gives every pod that asks for this scheduler a node, as soon as one has room. */
export function startScheduler(ports: SchedulerPorts): Scheduler {
  const nodes = createInformer<Node>(ports.kube, RESOURCES.nodes, ports);
  const pods = createInformer<Pod>(ports.kube, RESOURCES.pods, ports);
  const context: Context = {
    ports,
    nodes,
    pods,
    book: new LoadBook(),
    waiting: new Set(),
    events: createEventRecorder({ ...ports, source: { component: NAME } }),
  };
  const queue = createWorkQueue({
    ...ports,
    log: ports.log.child({ controller: "scheduler" }),
    workers: WORKERS,
    work: (key) => turnPod(context, key),
  });
  const synced = Promise.all([nodes.synced, pods.synced]).then(() => undefined);
  const connect = async (): Promise<void> => {
    // Nothing is decided before everything is known: an empty book would overfill nodes.
    await synced;
    pods.onChange((change) => followPod(context, queue, change));
    nodes.onChange((change) => {
      if (change.type !== "updated" || !isSamePlace(change.before, change.object)) retryWaiting(context, queue);
    });
  };
  void connect();
  return {
    synced,
    async stop() {
      await Promise.all([nodes.stop(), pods.stop()]);
      await queue.stop();
    },
  };
}

interface Context {
  readonly ports: SchedulerPorts;
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly book: LoadBook;
  /** Keys of pods that fit nowhere. */
  readonly waiting: Set<string>;
  readonly events: EventRecorder;
}

function followPod(context: Context, queue: WorkQueue, change: ObjectChange<Pod>): void {
  const { object: pod } = change;
  const key = objectKey(pod);
  const isDone = change.type === "deleted" || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (isDone) {
    context.book.remove(pod);
    context.waiting.delete(key);
    retryWaiting(context, queue);
  } else if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== "") {
    context.book.put(pod, pod.spec.nodeName);
    context.waiting.delete(key);
  } else if (isOurs(pod)) {
    queue.add(key);
  }
}

function retryWaiting(context: Context, queue: WorkQueue): void {
  for (const key of context.waiting) queue.add(key);
}

function isOurs(pod: Pod): boolean {
  const name = pod.spec.schedulerName ?? NAME;
  return name === NAME && isActive(pod) && (pod.spec.schedulingGates ?? []).length === 0;
}

/** A heartbeat changes nothing that a pod could wait for. */
function isSamePlace(a: Node, b: Node): boolean {
  const place = (node: Node): unknown => [node.spec, node.metadata.labels, node.status?.allocatable];
  return sameJson(place(a), place(b));
}

async function turnPod(context: Context, key: string): Promise<void> {
  const { name, namespace } = splitKey(key);
  const pod = context.pods.get(name, namespace);
  if (pod === undefined || (pod.spec.nodeName ?? "") !== "" || !isOurs(pod)) return;
  const pick = pickNode({ pod, nodes: context.nodes.list(), loads: context.book.loads });
  if (pick.kind === "none") {
    context.waiting.add(key);
    return await reportUnschedulable(context, pod, pick.message);
  }
  context.waiting.delete(key);
  // Taken at once, before the API server answers: the next pod must see it.
  context.book.put(pod, pick.node);
  try {
    await context.ports.kube.create(RESOURCES.bindings, bindingOf(pod, pick.node));
  } catch (error) {
    const bound = context.pods.get(name, namespace)?.spec.nodeName;
    if (bound === undefined || bound === "") context.book.remove(pod);
    else context.book.put(pod, bound);
    // Gone, or bound meanwhile: the watch tells.
    if (isNotFound(error) || isConflict(error)) return;
    throw error;
  }
  const message = `Successfully assigned ${namespace ?? ""}/${name} to ${pick.node}`;
  void context.events.record(pod, { type: "Normal", reason: "Scheduled", message });
}

function bindingOf(pod: Pod, node: string): KubeObject {
  const { name, namespace, uid } = pod.metadata;
  return {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
    target: { apiVersion: "v1", kind: "Node", name: node },
  };
}

async function reportUnschedulable(context: Context, pod: Pod, message: string): Promise<void> {
  const { kube, clock } = context.ports;
  const before = conditionOf(pod.status?.conditions, "PodScheduled");
  // The same words again would only make noise.
  if (before?.reason === "Unschedulable" && before.message === message) return;
  const time = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  const condition: Condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  const conditions = withCondition(pod.status?.conditions, condition, time);
  void context.events.record(pod, { type: "Warning", reason: "FailedScheduling", message });
  try {
    const patch = { kind: "merge", body: { status: { conditions } }, subresource: "status" } as const;
    await kube.patch(RESOURCES.pods, pod.metadata.name, pod.metadata.namespace, patch);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
