import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { kubeFromCluster, type KubeClient } from "@slash28/kube";
import { answerAtSocket, collectEvidence, type NodeEvidence } from "@slash28/lab";
import { kubeOf } from "../cluster/kube-of.ts";
import { wallClock } from "../wall-clock.ts";

export interface OwnNode {
  /** The Node object's name; absent: `MY_NODE_NAME`, else the host's name. */
  readonly name?: string | undefined;
  /** Where the node's files are: `/`, or where a container has mounted them. */
  readonly root: string;
  /** Absent: `KUBECONFIG`, else the pod's own service account, else the API server is not asked. */
  readonly kubeconfig?: string | undefined;
}

const SOCKET = "var/run/aws-node/slash28.sock";

/** What is known of the node that this program runs on. Needs no cloud, and says what it could not read. */
export async function evidenceOfOwnNode({ name, root, kubeconfig }: OwnNode, env: NodeJS.ProcessEnv): Promise<NodeEvidence> {
  const socket = env["SLASH28_AGENT_SOCKET"] || join(root, SOCKET);
  const { kube, why } = await apiServer(kubeconfig, env);
  try {
    const evidence = await collectEvidence({
      node: { name: name ?? (env["MY_NODE_NAME"] || hostname()), rootDir: root },
      dataPlane: "kernel",
      kube,
      ask: (path) => answerAtSocket(socket, path),
    });
    return why === undefined ? evidence : { ...evidence, notes: [...evidence.notes, why] };
  } finally {
    kube?.close();
  }
}

/** On a bad day the API server may be out of reach: that is a note. A kubeconfig that was named and cannot be read is an error. */
async function apiServer(
  kubeconfig: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly kube?: KubeClient; readonly why?: string }> {
  if (kubeconfig !== undefined || env["KUBECONFIG"]) return { kube: await kubeOf(kubeconfig, env) };
  if (!env["KUBERNETES_SERVICE_HOST"]) return { why: "kubernetes: name a cluster with --kubeconfig" };
  try {
    return { kube: await kubeFromCluster({ env, clock: wallClock, readFile: (path) => readFile(path, "utf8") }) };
  } catch (cause) {
    return { why: `kubernetes: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}
