import { RESOURCES, createInformer } from "@slash28/kube";
import type { Informer } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import { namesIn } from "./object-data.ts";
import type { PodSourceOptions } from "./pod-source.ts";
import type { Pod } from "./pod.ts";

/** Tells when a ConfigMap or Secret changes; one watch for the kubelets of all nodes. */
export interface DataWatch {
  /** Calls back at each change of what this pod names. Returns how to stop listening. */
  listen(pod: Pod, listener: () => void): () => void;
  stop(): Promise<void>;
}

export function createDataWatch(options: PodSourceOptions): DataWatch {
  const listeners = new Map<string, Set<() => void>>();
  const follow = (kind: string, informer: Informer<KubeObject>): Informer<KubeObject> => {
    informer.onChange(({ object: { metadata } }) => {
      for (const listener of listeners.get(`${kind}/${metadata.namespace ?? ""}/${metadata.name}`) ?? []) listener();
    });
    return informer;
  };
  const informers = [
    follow("configMap", createInformer<KubeObject>(options.kube, RESOURCES.configMaps, options)),
    follow("secret", createInformer<KubeObject>(options.kube, RESOURCES.secrets, options)),
  ];
  return {
    listen(pod, listener) {
      const { configMaps, secrets } = namesIn(pod);
      const namespace = pod.metadata.namespace ?? "default";
      const keys = [
        ...[...configMaps].map((name) => `configMap/${namespace}/${name}`),
        ...[...secrets].map((name) => `secret/${namespace}/${name}`),
      ];
      for (const key of keys) listeners.set(key, (listeners.get(key) ?? new Set()).add(listener));
      return () => {
        for (const key of keys) {
          listeners.get(key)?.delete(listener);
          if (listeners.get(key)?.size === 0) listeners.delete(key);
        }
      };
    },
    stop: async () => void (await Promise.all(informers.map((informer) => informer.stop()))),
  };
}
