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
import { conditionOf, hasEnded, isActive, sameJson, withCondition } from "../controllers/objects/index.ts";
import type { Claim, Condition, Node, PersistentVolume, Pod, StorageClass } from "../controllers/objects/index.ts";
import { SELECTED_NODE } from "../controllers/volumes/claim-plan.ts";
import { LoadBook } from "./node-load.ts";
import { pickNode } from "./pick-node.ts";
import { affinityTerms } from "./pod-terms.ts";
import { podVolumes } from "./pod-volumes.ts";
import type { Storage } from "./pod-volumes.ts";

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
  const claims = createInformer<Claim>(ports.kube, RESOURCES.claims, ports);
  const volumes = createInformer<PersistentVolume>(ports.kube, RESOURCES.persistentVolumes, ports);
  const classes = createInformer<StorageClass>(ports.kube, RESOURCES.storageClasses, ports);
  const namespaces = createInformer<KubeObject>(ports.kube, RESOURCES.namespaces, ports);
  const all = [nodes, pods, claims, volumes, classes, namespaces];
  const context: Context = {
    ports,
    nodes,
    pods,
    storage: {
      claim: (name, namespace) => claims.get(name, namespace),
      volume: (name) => volumes.get(name),
      storageClass: (name) => classes.get(name),
    },
    namespaceLabels: (name) => namespaces.get(name)?.metadata.labels,
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
  const synced = Promise.all(all.map((informer) => informer.synced)).then(() => undefined);
  const connect = async (): Promise<void> => {
    // Nothing is decided before everything is known: an empty book would overfill nodes.
    await synced;
    pods.onChange((change) => followPod(context, queue, change));
    claims.onChange(() => retryWaiting(context, queue));
    volumes.onChange(() => retryWaiting(context, queue));
    nodes.onChange((change) => {
      if (change.type !== "updated" || !isSamePlace(change.before, change.object)) retryWaiting(context, queue);
    });
  };
  void connect();
  return {
    synced,
    async stop() {
      await Promise.all(all.map((informer) => informer.stop()));
      await queue.stop();
    },
  };
}

interface Context {
  readonly ports: SchedulerPorts;
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly storage: Storage;
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined;
  readonly book: LoadBook;
  /** Keys of pods that fit nowhere. */
  readonly waiting: Set<string>;
  readonly events: EventRecorder;
}

function followPod(context: Context, queue: WorkQueue, change: ObjectChange<Pod>): void {
  const { object: pod } = change;
  const key = objectKey(pod);
  if (change.type === "deleted" || hasEnded(pod)) {
    context.book.remove(pod);
    context.waiting.delete(key);
    retryWaiting(context, queue);
  } else if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== "") {
    context.book.put(pod, pod.spec.nodeName);
    context.waiting.delete(key);
    // One that waits for company may have got it.
    if (change.type === "updated" && (change.before.spec.nodeName ?? "") === "") retryWaiting(context, queue, dependsOnOthers);
  } else if (isOurs(pod)) {
    queue.add(key);
  }
}

/** New pods elsewhere can only make room for one that goes by where others are. */
function dependsOnOthers({ spec }: Pod): boolean {
  return affinityTerms(spec).length > 0 || spec["topologySpreadConstraints"] !== undefined;
}

function retryWaiting(context: Context, queue: WorkQueue, which: (pod: Pod) => boolean = () => true): void {
  const waiting = [...context.waiting].flatMap((key) => {
    const { name, namespace } = splitKey(key);
    const pod = context.pods.get(name, namespace);
    return pod === undefined || which(pod) ? [{ key, priority: Number(pod?.spec["priority"] ?? 0) }] : [];
  });
  // The more important first: they take the places that have come free.
  for (const { key } of waiting.sort((a, b) => b.priority - a.priority)) queue.add(key);
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
  const nodes = context.nodes.list();
  const wanted = podVolumes(pod, context.storage);
  if (!wanted.ok) {
    context.waiting.add(key);
    return await reportUnschedulable(context, pod, `0/${nodes.length} nodes are available: ${wanted.why}.`);
  }
  const { namespaceLabels } = context;
  const pick = pickNode({ pod, nodes, loads: context.book.loads, volumes: wanted.volumes, namespaceLabels });
  if (pick.kind === "none") {
    context.waiting.add(key);
    return await reportUnschedulable(context, pod, pick.message);
  }
  if (wanted.open.length > 0) {
    // The volumes are made where the pod goes; when they are there it has its turn again.
    context.waiting.add(key);
    for (const claim of wanted.open) await selectNode(context, claim, pick.node);
    return;
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

async function selectNode({ ports }: Context, { metadata }: Claim, node: string): Promise<void> {
  if (metadata.annotations?.[SELECTED_NODE] !== undefined) return;
  const body = { metadata: { uid: metadata.uid, annotations: { [SELECTED_NODE]: node } } };
  await ports.kube.patch(RESOURCES.claims, metadata.name, metadata.namespace, { kind: "merge", body });
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
