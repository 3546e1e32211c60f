import { createEventRecorder, createInformer, RESOURCES } from "@slash28/kube";
import type { Clock, Kube, KubeObject, Log } from "@slash28/ports";
import type { TellWarning } from "../report/warning-events.ts";

/** What the agent reads of its Node object. */
export interface NodeObjectFacts {
  /** `status.capacity.pods`. */
  readonly maxPods?: number;
  /** The node is cordoned. */
  readonly isUnschedulable: boolean;
}

export interface KubeSideOptions {
  readonly kube: Kube;
  readonly nodeName: string;
  /** `MY_POD_NAME`, in kube-system. */
  readonly podName?: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly onNode: (facts: NodeObjectFacts) => void;
}

export interface KubeSide {
  /** Resolves when the Node was read once, or after this long. */
  ready(withinMs: number): Promise<void>;
  readonly tell: TellWarning;
  stop(): Promise<void>;
}

const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
const OWN_NAMESPACE = "kube-system";

/** Follows the agent's Node object and tells warnings as events. The agent works without it: pods start when the API server is away. */
export function followKube(options: KubeSideOptions): KubeSide {
  const { kube, nodeName, clock, random, log } = options;
  const nodes = createInformer(kube, RESOURCES.nodes, { fieldSelector: `metadata.name=${nodeName}`, clock, random });
  const events = createEventRecorder({ kube, clock, source: { component: "aws-node", host: nodeName } });
  nodes.onChange((change) => {
    if (change.type !== "deleted") options.onNode(readNodeObject(change.object));
  });
  return {
    async ready(withinMs) {
      const over = new AbortController();
      await Promise.race([nodes.synced, clock.sleep(withinMs, over.signal)]);
      over.abort();
      if (nodes.get(nodeName) === undefined)
        log.warn("the Node object is not known yet; max pods comes from the instance type", { node: nodeName });
    },
    tell(reason, message) {
      const report = { type: "Warning", reason, message } as const;
      void events.record(nodes.get(nodeName) ?? nodeNamed(nodeName), report);
      if (options.podName !== undefined) void tellPod(kube, options.podName, (pod) => events.record(pod, report));
    },
    stop: () => nodes.stop(),
  };
}

export function readNodeObject(node: KubeObject): NodeObjectFacts {
  const { status, spec } = node as {
    status?: { capacity?: { pods?: unknown } };
    spec?: { taints?: readonly { key?: unknown; effect?: unknown }[] };
  };
  const maxPods = Number(status?.capacity?.pods);
  const isUnschedulable = spec?.taints?.some((taint) => taint.key === UNSCHEDULABLE && taint.effect === "NoSchedule") ?? false;
  return { isUnschedulable, ...(Number.isInteger(maxPods) && maxPods > 0 ? { maxPods } : {}) };
}

async function tellPod(kube: Kube, name: string, tell: (pod: KubeObject) => Promise<boolean>): Promise<void> {
  const pod = await kube.get(RESOURCES.pods, name, OWN_NAMESPACE).catch(() => undefined);
  if (pod !== undefined) await tell(pod);
}

function nodeNamed(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name, uid: name } };
}
