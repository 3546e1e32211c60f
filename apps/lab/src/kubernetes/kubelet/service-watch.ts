import { RESOURCES, createInformer } from "@slash28/kube";
import type { PodSourceOptions } from "./pod-source.ts";
import { serviceVariables } from "./service-variables.ts";
import type { LinkedService } from "./service-variables.ts";

/** The services that pods are told of; one watch for the kubelets of all nodes. */
export interface ServiceWatch {
  /** Resolves once the services there are have been read. */
  readonly synced: Promise<void>;
  /** The variables of a container that starts now; see `serviceVariables`. */
  variables(pod: { readonly namespace: string; readonly hasLinks: boolean }): Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export function createServiceWatch({ kube, clock, log, random }: PodSourceOptions): ServiceWatch {
  const informer = createInformer<LinkedService>(kube, RESOURCES.services, {
    clock,
    log,
    random,
    indexes: { namespace: ({ metadata }) => [metadata.namespace ?? ""] },
  });
  return {
    synced: informer.synced,
    variables(pod) {
      // A pod of `default` names the API server's service twice, with the same values.
      const services = [...informer.byIndex("namespace", pod.namespace), ...informer.byIndex("namespace", "default")];
      return serviceVariables(services, pod);
    },
    stop: () => informer.stop(),
  };
}
