import { USUAL_SERVICE_RANGES } from "@slash28/eks";
import type { Clock } from "@slash28/ports";

import { createApiServer, type ApiServer, type ApiServerOptions, type Identity } from "../../../src/kubernetes/api-server/index.ts";
import { fakeRuntime, realClock, recordingLog } from "./lab-cluster.ts";

export const ADMIN: Identity = { name: "admin", groups: ["system:masters"] };

export const RESOURCE = {
  pods: { group: "", version: "v1", plural: "pods" },
  bindings: { group: "", version: "v1", plural: "bindings" },
  evictions: { group: "", version: "v1", plural: "pods/eviction" },
  nodes: { group: "", version: "v1", plural: "nodes" },
  services: { group: "", version: "v1", plural: "services" },
  configMaps: { group: "", version: "v1", plural: "configmaps" },
  namespaces: { group: "", version: "v1", plural: "namespaces" },
  deployments: { group: "apps", version: "v1", plural: "deployments" },
  budgets: { group: "policy", version: "v1", plural: "poddisruptionbudgets" },
  crds: { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" },
} as const;

export interface InProcess {
  readonly api: ApiServer;
  readonly failures: readonly string[];
  /** One request of an administrator. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly json: (path: string, init?: RequestInit) => Promise<Record<string, unknown>>;
}

export async function startInProcess(options: Partial<ApiServerOptions> = {}, clock: Clock = realClock): Promise<InProcess> {
  const log = recordingLog();
  const api = await createApiServer({ clock, log, runtimeFor: () => fakeRuntime(), serviceRange: USUAL_SERVICE_RANGES[0], ...options });
  const send = (path: string, init?: RequestInit): Promise<Response> => api.handle(new Request(`https://kube${path}`, init), ADMIN);
  return {
    api,
    failures: log.failures,
    fetch: send,
    json: async (path, init) => (await (await send(path, init)).json()) as Record<string, unknown>,
  };
}

export function body(value: unknown, type = "application/json"): RequestInit {
  return { method: "POST", body: JSON.stringify(value), headers: { "content-type": type } };
}
