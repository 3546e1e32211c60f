import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  createCniRuntime,
  createResultCache,
  firstNetwork,
  runPlugin,
  requestConfig,
  requestEnvironment,
  type Attachment,
  type CniRuntime,
  type NetworkList,
  type PluginPlace,
} from "@slash28/lab/cni-runtime";
import { createNamespace, deleteNamespace, openNetlink, systemClock } from "@slash28/linux";
import { atOnce, elapsedMsOf, until, type BenchContext } from "../bench.ts";
import { namespaceName } from "../namespaces.ts";
import type { NodeUnderBench } from "./node-under-bench.ts";

export const PODS = 110;
const PLUGIN_TIMEOUT_MS = 60_000;
const SETTLE_MS = 60_000;

/** The static plugin the agent installed, or Node started anew for every call. */
export type PluginKind = "shim" | "node";

/** Milliseconds of every call of one round. */
export interface Round {
  readonly add: readonly number[];
  readonly del: readonly number[];
  /** From the first ADD sent to the last answered. */
  readonly allAddedMs: number;
}

/** Calls the plugin as a container runtime does. */
export interface PluginCalls {
  /** Pods come, `width` at a time, and go likewise; then waits until the node is as before. `whileUp` runs in between. */
  round(kind: PluginKind, width: number, whileUp?: () => Promise<void>): Promise<Round>;
  /** One verb without a pod, again and again. */
  probe(command: "VERSION" | "STATUS"): Promise<readonly number[]>;
}

export function pluginCalls(node: NodeUnderBench, context: BenchContext, podCount = PODS): PluginCalls {
  const list = firstNetwork(node.confDir);
  if (list === undefined) throw new Error(`the agent left no network configuration in ${node.confDir}`);
  const runtimes: Readonly<Record<PluginKind, CniRuntime>> = {
    shim: runtimeOf("shim", node, context),
    node: runtimeOf("node", node, context),
  };
  return {
    round: (kind, width, whileUp) => runRound({ node, list, runtime: runtimes[kind], podCount, width, whileUp }, context),
    probe: (command) =>
      atOnce(Array.from({ length: PODS }), 1, () => elapsedMsOf(() => ask(command, list, placeOf("shim", node, context)))),
  };
}

function runtimeOf(kind: PluginKind, node: NodeUnderBench, context: BenchContext): CniRuntime {
  return createCniRuntime(placeOf(kind, node, context), createResultCache(join(context.folder, `cni-${kind}`)));
}

function placeOf(kind: PluginKind, node: NodeUnderBench, { dist }: BenchContext): PluginPlace {
  return {
    pluginDir: node.binDir,
    processes: node.processes,
    clock: systemClock,
    timeoutMs: PLUGIN_TIMEOUT_MS,
    signal: new AbortController().signal,
    place: (request) => (kind === "shim" ? request : { ...request, program: process.execPath, args: [join(dist, "aws-cni.mjs")] }),
  };
}

async function ask(command: "VERSION" | "STATUS", list: NetworkList, place: PluginPlace): Promise<void> {
  const [plugin] = list.plugins;
  if (plugin === undefined) throw new Error("the network has no plugin");
  const answer = await runPlugin(place, plugin, {
    env: requestEnvironment(command, place.pluginDir),
    config: requestConfig(list, plugin, {}),
  });
  if (!answer.ok) throw new Error(`${command} failed: ${answer.error.msg}`);
}

interface RoundOrder {
  readonly node: NodeUnderBench;
  readonly list: NetworkList;
  readonly runtime: CniRuntime;
  readonly podCount: number;
  readonly width: number;
  readonly whileUp: (() => Promise<void>) | undefined;
}

async function runRound({ node, list, runtime, podCount, width, whileUp }: RoundOrder, { undo }: BenchContext): Promise<Round> {
  const pods = Array.from({ length: podCount }, (_, at) => {
    const name = namespaceName(`pod-${at}`);
    undo.add(`the namespace ${name}`, () => deleteNamespace(name));
    return { name, attachment: attachmentOf(at, createNamespace(name)) };
  });
  const timed =
    (verb: "add" | "del") =>
    async (pod: { readonly attachment: Attachment }): Promise<number> =>
      elapsedMsOf(async () => {
        const outcome = await runtime[verb](list, pod.attachment);
        if (!outcome.ok) throw new Error(outcome.message);
      });
  const started = performance.now();
  const add = await atOnce(pods, width, timed("add"));
  const allAddedMs = performance.now() - started;
  await whileUp?.();
  const del = await atOnce(pods, width, timed("del"));
  for (const { name } of pods) deleteNamespace(name);
  await settled(node);
  return { add, del, allAddedMs };
}

function attachmentOf(at: number, netns: string): Attachment {
  const containerId = randomBytes(32).toString("hex");
  return {
    containerId,
    netns,
    ifName: "eth0",
    args: {
      IgnoreUnknown: "1",
      K8S_POD_NAMESPACE: "default",
      K8S_POD_NAME: `pod-${at}`,
      K8S_POD_INFRA_CONTAINER_ID: containerId,
      K8S_POD_UID: `uid-${at}`,
    },
    capabilities: {},
  };
}

/** The kernel takes namespaces away in its own time, and addresses rest: the next round must not pay for this one. */
async function settled(node: NodeUnderBench): Promise<void> {
  const netlink = openNetlink(node.netns);
  try {
    const isQuiet = async (): Promise<boolean> => {
      if (netlink.links().some((link) => link.name.startsWith("eni"))) return false;
      const counts = await node.pool();
      return counts !== undefined && counts.assigned === 0 && counts.cooling === 0;
    };
    await until("the node to be as before the round", isQuiet, SETTLE_MS);
  } finally {
    netlink.close();
  }
}
