import { RESOURCES, createInformer } from "@slash28/kube";
import type { Clock, Kube, Log } from "@slash28/ports";
import type { Pod } from "./pod.ts";

export type PodEvent =
  /** Seen for the first time, or changed. */
  | { readonly type: "seen"; readonly pod: Pod }
  /** No longer in the API. */
  | { readonly type: "gone"; readonly pod: Pod };

/** The pods of every node, from one watch; each kubelet listens to its own node's. */
export interface PodSource {
  /** Calls back at once for the pods already known. Returns how to stop listening. */
  listen(nodeName: string, listener: (event: PodEvent) => void): () => void;
  stop(): Promise<void>;
}

export interface PodSourceOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

export function createPodSource(options: PodSourceOptions): PodSource {
  const { kube, clock, log, random } = options;
  const informer = createInformer<Pod>(kube, RESOURCES.pods, { clock, log, random, indexes: { node: (pod) => [pod.spec.nodeName ?? ""] } });
  const listeners = new Map<string, Set<(event: PodEvent) => void>>();
  informer.onChange((change) => {
    const pod = change.object;
    for (const listener of listeners.get(pod.spec.nodeName ?? "") ?? [])
      listener({ type: change.type === "deleted" ? "gone" : "seen", pod });
  });
  return {
    listen(nodeName, listener) {
      const group = listeners.get(nodeName) ?? new Set();
      listeners.set(nodeName, group.add(listener));
      for (const pod of informer.byIndex("node", nodeName)) listener({ type: "seen", pod });
      return () => void group.delete(listener);
    },
    stop: () => informer.stop(),
  };
}
