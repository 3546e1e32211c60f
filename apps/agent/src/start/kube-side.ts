import { readFile } from "node:fs/promises";
import { createEventRecorder, createInformer, kubeFromCluster, RESOURCES } from "@slash28/kube";
import type { EniSettings, Settings } from "@slash28/ipam";
import type { Clock, Kube, KubeObject, Log } from "@slash28/ports";
import type { EniConfig } from "../pool/pool-agent.ts";
import { createPodAnnotations, type PodAnnotationOptions, type PodAnnotations } from "../report/pod-annotations.ts";
import type { OperatorEvent } from "../report/warning-events.ts";
import { holdPodsOff } from "./first-address-taint.ts";
import { eniConfigNameOf, readEniConfig } from "./eni-config.ts";
import { readNodeObject, type NodeObjectFacts } from "./node-object.ts";

export interface KubeSideOptions {
  readonly kube: Kube;
  readonly nodeName: string;
  /** `MY_POD_NAME`, in kube-system. */
  readonly podName?: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly enis: EniSettings;
  /** Ends the program. */
  readonly onBug: (cause: unknown) => void;
}

export interface KubeSide {
  /** Calls back with what the Node says, now if it is known and at each change. */
  onNode(hear: (facts: NodeObjectFacts) => void): void;
  /** Resolves when the Node was read once, or after this long. */
  ready(withinMs: number): Promise<void>;
  /** Whether the API server has shown the Node. */
  isConnected(): boolean;
  /** As an event of the node and of the agent's pod. */
  tell(event: OperatorEvent): void;
  /** The ENIConfig that the Node selects now. */
  eniConfig(): Promise<EniConfig>;
  /** `ANNOTATE_POD_IP`: keeps pods' annotations at what the ledger has. */
  annotatePods(ledger: PodAnnotationOptions["ledger"]): PodAnnotations;
  /** Taints the node while it has no address; resolves when it shows, or soon when the API server does not answer. `whatIsMissing` says what it waits for. */
  holdPodsOff(whatIsMissing: () => string | undefined): Promise<void>;
  stop(): Promise<void>;
}

const OWN_NAMESPACE = "kube-system";
/** An API server that never answers must not keep the plugin from the node. */
const SHOW_WITHIN_MS = 1_000;

/** Reaches the API server as a pod does; `undefined`, and a word in the log, where there is none, or the agent was not told its node. */
export async function startKubeSide(options: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly onBug: (cause: unknown) => void;
}): Promise<KubeSide | undefined> {
  const { env, settings, clock, random, log, onBug } = options;
  const { nodeName } = settings.agent;
  if (nodeName === undefined) return undefined;
  const inCluster = { env, readFile: (path: string) => readFile(path, "utf8"), clock, userAgent: "slash28-agent" };
  const kube = await kubeFromCluster(inCluster).catch((cause: Error) => {
    log.warn("the agent works without the Kubernetes API", { why: cause.message });
    return undefined;
  });
  const podName = env["MY_POD_NAME"];
  return kube === undefined
    ? undefined
    : followKube({ kube, clock, log, random, nodeName, enis: settings.enis, onBug, ...(podName ? { podName } : {}) });
}

/** Follows the agent's Node object and tells warnings as events. The agent works without it: pods start when the API server is away. */
export function followKube(options: KubeSideOptions): KubeSide {
  const { kube, nodeName, clock, random, log } = options;
  const nodes = createInformer(kube, RESOURCES.nodes, { fieldSelector: `metadata.name=${nodeName}`, clock, random });
  const events = createEventRecorder({ kube, clock, source: { component: "aws-node", host: nodeName } });
  return {
    onNode(hear) {
      const known = nodes.get(nodeName);
      if (known !== undefined) hear(readNodeObject(known, options.enis));
      nodes.onChange((change) => {
        if (change.type !== "deleted") hear(readNodeObject(change.object, options.enis));
      });
    },
    async ready(withinMs) {
      const over = new AbortController();
      await Promise.race([nodes.synced, clock.sleep(withinMs, over.signal)]);
      over.abort();
      if (nodes.get(nodeName) === undefined)
        log.warn("the Node object is not known yet; max pods comes from the instance type", { node: nodeName });
    },
    isConnected: () => nodes.get(nodeName) !== undefined,
    tell(report) {
      void events.record(nodes.get(nodeName) ?? nodeNamed(nodeName), report);
      if (options.podName !== undefined) void tellPod(kube, options.podName, (pod) => events.record(pod, report));
    },
    eniConfig: () => readEniConfig(kube, eniConfigNameOf(nodes.get(nodeName), options.enis)),
    annotatePods: (ledger) => createPodAnnotations({ kube, nodeName, ledger, clock, random, log }),
    async holdPodsOff(whatIsMissing) {
      const shown = holdPodsOff({ kube, nodeName, clock, log, whatIsMissing });
      shown.then(({ over }) => over).catch(options.onBug);
      const late = new AbortController();
      await Promise.race([shown, clock.sleep(SHOW_WITHIN_MS, late.signal)]);
      late.abort();
    },
    stop: () => nodes.stop(),
  };
}

async function tellPod(kube: Kube, name: string, tell: (pod: KubeObject) => Promise<boolean>): Promise<void> {
  const pod = await kube.get(RESOURCES.pods, name, OWN_NAMESPACE).catch(() => undefined);
  if (pod !== undefined) await tell(pod);
}

function nodeNamed(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name, uid: name } };
}
