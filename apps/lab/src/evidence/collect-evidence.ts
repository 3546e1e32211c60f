import type { Kube, KubeObject, KubeResource } from "@slash28/ports";
import type { DataPlane, EvidenceFile, NodeEvidence } from "../control/index.ts";
import { kernelState, type RunInNamespace } from "./kernel-state.ts";
import { nodeFiles, type FoundFiles } from "./node-files.ts";
import { objectWithoutSecrets, withoutProgram, withoutSecrets } from "./without-secrets.ts";

export interface EvidenceOptions {
  readonly node: {
    readonly name: string;
    readonly instanceId?: string;
    /** Where the node's files are: `/` on the node itself. */
    readonly rootDir: string;
    /** Absent: this process is in the node's network. */
    readonly netnsPath?: string;
  };
  readonly dataPlane: DataPlane;
  /** Absent: the API server is not asked. */
  readonly kube?: Pick<Kube, "get" | "list"> | undefined;
  /** What the node's agent answers to GET; nothing while it is away. */
  readonly ask: (path: string) => Promise<{ readonly status: number; readonly body: string } | undefined>;
  readonly run?: RunInNamespace;
}

const AGENT_PATHS = [
  "/healthz",
  "/pool",
  "/v1/enis",
  "/v1/eni-configs",
  "/v1/networkutils-env-settings",
  "/v1/ipamd-env-settings",
  "/metrics",
] as const;

/** Collects what is known of one node. A part that cannot be had is a note, never a failure: the bundle is for bad days. */
export async function collectEvidence({ node, dataPlane, kube, ask, run }: EvidenceOptions): Promise<NodeEvidence> {
  const kernel: FoundFiles =
    dataPlane === "kernel"
      ? await kernelState(node.netnsPath, run)
      : { files: [], notes: ["kernel: the data plane is simulated, there is no kernel state"] };
  const objects = kube === undefined ? { files: [], notes: [] } : await kubernetesState(kube, node.name);
  const parts = [nodeFiles(node.rootDir), await agentAnswers(ask), kernel, objects];
  return {
    node: node.name,
    ...(node.instanceId === undefined ? {} : { instanceId: node.instanceId }),
    files: parts.flatMap(({ files }) => files).map(({ path, latin1 }) => ({ path, latin1: withoutSecrets(latin1) })),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

async function agentAnswers(ask: EvidenceOptions["ask"]): Promise<FoundFiles> {
  const files: EvidenceFile[] = [];
  const notes: string[] = [];
  for (const path of AGENT_PATHS) {
    const answer = await ask(path);
    if (answer === undefined) return { files, notes: [...notes, `the agent does not answer at ${path}`] };
    if (answer.status !== 200) notes.push(`the agent answers ${path} with status ${answer.status}`);
    files.push({ path: `agent${path}.txt`, latin1: latin1Of(answer.body) });
  }
  return { files, notes };
}

interface EventObject extends KubeObject {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
  readonly source?: { readonly host?: string };
}

/** The Node, the agent's DaemonSet, the node's pods and events. Secrets and ConfigMaps are not read. */
async function kubernetesState(kube: Pick<Kube, "get" | "list">, node: string): Promise<FoundFiles> {
  const wanted: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["node", () => kube.get(core("nodes"), node)],
    ["aws-node", () => kube.get({ group: "apps", version: "v1", plural: "daemonsets" }, "aws-node", "kube-system")],
    ["pods", async () => (await kube.list(core("pods"), { fieldSelector: `spec.nodeName=${node}` })).items.map(asShown)],
    ["events", async () => (await kube.list<EventObject>(core("events"))).items.filter((event) => isAbout(event, node))],
  ];
  const files: EvidenceFile[] = [];
  const notes: string[] = [];
  for (const [name, read] of wanted) {
    try {
      const text = JSON.stringify(objectWithoutSecrets(await read()) ?? null, null, 2);
      files.push({ path: `kubernetes/${name}.json`, latin1: latin1Of(`${text}\n`) });
    } catch (cause) {
      notes.push(`kubernetes ${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  return { files, notes };
}

function asShown(pod: KubeObject): unknown {
  return pod.metadata.labels?.["k8s-app"] === "aws-node" ? pod : withoutProgram(pod);
}

function isAbout({ involvedObject, source }: EventObject, node: string): boolean {
  return source?.host === node || (involvedObject?.kind === "Node" && involvedObject.name === node);
}

function core(plural: string): KubeResource {
  return { group: "", version: "v1", plural };
}

function latin1Of(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
