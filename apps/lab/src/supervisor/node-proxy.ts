import { applyNftablesSoon } from "@slash28/linux";
import { Fault, type Clock, type Kube, type Log } from "@slash28/ports";
import { createKubeProxy, forgetStaleFlows, nodeHealthAnswer, openNodePages, type StaleFlows } from "../kubernetes/kube-proxy/index.ts";
import type { NodeSpec } from "../kubernetes/kubelet/index.ts";

export interface NodeProxyOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** A node's kube-proxy with its rules, its flows and its pages in the node's own namespace. */
export function startNodeProxy(
  { kube, clock, random, log }: NodeProxyOptions,
  { name, zone, netnsPath }: NodeSpec,
): { stop(): Promise<void> } {
  const own = log.child({ part: "kube-proxy", node: name });
  const proxy = createKubeProxy({
    kube,
    nodeName: name,
    zone,
    clock,
    random,
    log: own,
    apply: (text) => applyNftablesSoon(text, netnsPath),
    forget: (flows) => forgetOrTellOnce(flows, netnsPath),
    serveHealth: (checks) => pages.serve(checks),
  });
  const pages = openNodePages({ namespace: netnsPath, log: own, nodeHealth: () => nodeHealthAnswer(proxy.freshness(), clock.now()) });
  return {
    stop: async () => {
      await proxy.stop();
      await pages.close();
    },
  };
}

let isToolMissing = false;

/** A machine without the program is told of once, not with every change on every node. */
async function forgetOrTellOnce(flows: readonly StaleFlows[], namespace: string): Promise<void> {
  if (isToolMissing) return;
  try {
    await forgetStaleFlows(flows, namespace);
  } catch (cause) {
    isToolMissing = cause instanceof Fault && cause.code === "HOST_TOOL_MISSING";
    throw cause;
  }
}
