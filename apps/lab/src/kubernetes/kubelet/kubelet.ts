import { mkdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { createEventRecorder } from "@slash28/kube";
import { createCniRuntime, createResultCache } from "./cni-runtime/index.ts";
import type { CniRuntime } from "./cni-runtime/index.ts";
import type { ContainerRuntime } from "./container-runtime.ts";
import { hostMounts } from "./host-mounts.ts";
import { createKernelRuntime } from "./kernel-runtime.ts";
import { DEFAULT_TUNING } from "./kubelet-options.ts";
import type { Kubelet, KubeletOptions, KubeletTuning, NodeSpec } from "./kubelet-options.ts";
import { createNodeNetwork } from "./node-network.ts";
import { registerNode } from "./node-registration.ts";
import { createPodEndpoint } from "./pod-endpoint.ts";
import type { PodParts } from "./pod-parts.ts";
import type { PodEvent } from "./pod-source.ts";
import { startPodWorker } from "./pod-worker.ts";
import type { PodWorker } from "./pod-worker.ts";
import { withLongestWait } from "./restart-decision.ts";
import { createSimulatedRuntime } from "./simulated-runtime.ts";
import { createSlots } from "./slots.ts";

/** Runs the pods bound to one node. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const given = { ...DEFAULT_TUNING, ...options.tuning };
  const tuning = { ...given, containerRetryMs: withLongestWait(given.containerRetryMs, options.node.crashBackOffMaxMs) };
  const node = withDirectories(options.node);
  const stopped = new AbortController();
  const log = options.log.child({ node: node.name });
  const network = createNodeNetwork({
    rootDir: node.rootDir,
    cni: cniRuntime(options, node, tuning, stopped.signal),
    clock: options.clock,
  });
  const events = createEventRecorder({ kube: options.kube, clock: options.clock, source: { component: "kubelet", host: node.name } });
  const parts: PodParts = {
    ...options,
    node,
    log,
    tuning,
    network,
    runtime: containerRuntime(options, node, tuning),
    sandboxes: createSlots(tuning.sandboxesAtOnce),
    report: (pod, report) => void events.record(pod, report),
  };
  const workers = new Map<string, PodWorker>();
  let unlisten = (): void => undefined;
  let running: Promise<unknown> = Promise.resolve();
  return {
    async start() {
      const registered = await registerNode({ ...options, node, log, network, tuning }, stopped.signal);
      running = registered.running;
      // Else the first pods would not be told of the services there are.
      await firstOf(options.services?.synced, stopped.signal);
      unlisten = options.pods.listen(node.name, (event) => take(workers, parts, event));
    },
    async stop() {
      unlisten();
      stopped.abort();
      const all = [...workers.values()];
      for (const worker of all) worker.abandon();
      await Promise.all([running, ...all.map(({ done }) => done)]);
    },
    runtime: createPodEndpoint(
      ({ namespace, pod }) =>
        [...workers.values()]
          .map(({ session }) => session)
          .find(({ pod: { metadata } }) => metadata.name === pod && (metadata.namespace ?? "default") === namespace),
      options.clock,
    ),
  };
}

/** Resolves once it is settled, or the signal fires. */
function firstOf(awaited: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (awaited === undefined || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    void awaited.then(resolve);
  });
}

function take(workers: Map<string, PodWorker>, parts: PodParts, { type, pod }: PodEvent): void {
  const uid = pod.metadata.uid ?? "";
  const known = workers.get(uid);
  if (known !== undefined) {
    if (type === "gone") known.forget();
    else known.update(pod);
    return;
  }
  const isOver = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (type === "gone" || (isOver && pod.metadata.deletionTimestamp === undefined)) return;
  const worker = startPodWorker(parts, pod);
  workers.set(uid, worker);
  void worker.done.then(() => workers.delete(uid));
}

/** Symbolic links are resolved once: a container's mounts name real paths. */
function withDirectories(node: NodeSpec): NodeSpec {
  for (const path of ["opt/cni/bin", "etc/cni/net.d", "var/run", "var/log/pods", "var/lib/kubelet/pods"]) {
    mkdirSync(join(node.rootDir, path), { recursive: true });
  }
  return { ...node, rootDir: realpathSync(node.rootDir) };
}

function cniRuntime(options: KubeletOptions, node: NodeSpec, tuning: KubeletTuning, signal: AbortSignal): CniRuntime {
  const { dataPlane, processes, clock } = options;
  return createCniRuntime(
    {
      pluginDir: join(node.rootDir, "opt/cni/bin"),
      processes,
      clock,
      timeoutMs: tuning.pluginTimeoutMs,
      signal,
      place: (request) =>
        dataPlane.kind === "simulated"
          ? request
          : {
              ...request,
              program: dataPlane.programs.run,
              args: ["join", node.netnsPath, join(node.rootDir, "var/run"), "--", request.program, ...request.args],
            },
    },
    createResultCache(join(node.rootDir, "var/lib/cni")),
  );
}

function containerRuntime(options: KubeletOptions, node: NodeSpec, tuning: KubeletTuning): ContainerRuntime {
  const { dataPlane, processes, clock } = options;
  if (dataPlane.kind === "simulated") return createSimulatedRuntime(clock);
  const machineDirs = hostMounts(readFileSync("/proc/self/mountinfo", "utf8"));
  return createKernelRuntime({
    programs: dataPlane.programs,
    processes,
    clock,
    netnsPath: node.netnsPath,
    logBytesMax: tuning.logBytesMax,
    machineFiles: [...machineDirs.map((path) => ({ source: path, target: path })), ...(options.machineFiles ?? [])],
  });
}
