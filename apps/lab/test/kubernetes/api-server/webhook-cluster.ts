import type { KubeObject } from "@slash28/ports";
import { afterAll, afterEach, expect } from "vitest";

import type { ApiServerOptions } from "../../../src/kubernetes/api-server/index.ts";
import { createAuthority, type Authority } from "../../../src/kubernetes/api-server/certificates/authority.ts";
import { body, RESOURCE, startInProcess, type InProcess } from "./in-process.ts";
import { startWebhookServer, type WebhookServer } from "./webhook-server.ts";

export const MUTATING = { group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingwebhookconfigurations" };
export const VALIDATING = { group: "admissionregistration.k8s.io", version: "v1", plural: "validatingwebhookconfigurations" };
export const ALL_MAPS = { operations: ["CREATE", "UPDATE", "DELETE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };
const SLICES = { group: "discovery.k8s.io", version: "v1", plural: "endpointslices" };

type Registered = { readonly resource: typeof MUTATING; readonly name: string };

/** What became of a ConfigMap that somebody wanted to make. */
export interface Created {
  /** The name it was to have. */
  readonly asked: string;
  readonly status: number;
  readonly json: Record<string, unknown>;
  readonly warnings: string | null;
}

export interface WebhookCluster {
  readonly server: InProcess;
  /** Issued the webhook's certificate. */
  readonly authority: Authority;
  /** Stands behind the service `hooks` in `tools`. */
  readonly hook: WebhookServer;
  /** What {@link unregister} takes away. */
  readonly made: Registered[];
  /** Makes a configuration; each of its webhooks is asked at `/<name>` about every ConfigMap, unless it says otherwise. */
  register(resource: typeof MUTATING, name: string, webhooks: readonly Record<string, unknown>[]): Promise<void>;
  unregister(): Promise<void>;
  /** Makes a ConfigMap of a fresh name, by HTTP. */
  create(data?: Record<string, string>, query?: string): Promise<Created>;
  close(): Promise<void>;
}

/** One for all tests of a file: after each it has no configuration, after the last it must not have failed anywhere. */
export async function webhookClusterOfTests(options: Partial<ApiServerOptions> = {}): Promise<WebhookCluster> {
  const cluster = await startWebhookCluster(options);
  afterEach(async () => {
    await cluster.unregister();
    cluster.hook.forget();
  });
  afterAll(async () => {
    expect(cluster.server.failures).toEqual([]);
    await cluster.close();
  });
  return cluster;
}

/** An API server in this process, and a webhook behind one of its services. */
async function startWebhookCluster(options: Partial<ApiServerOptions>): Promise<WebhookCluster> {
  const server = await startInProcess(options);
  const authority = await createAuthority(Date.now());
  const hook = await startWebhookServer(authority, ["hooks.tools.svc", "127.0.0.1"]);
  await serveBehind(server, hook);
  const made: Registered[] = [];
  let count = 0;
  return {
    server,
    authority,
    hook,
    made,
    async register(resource, name, webhooks) {
      made.push({ resource, name });
      await server.api.kube.create(resource, configuration(authority, resource, name, webhooks));
    },
    async unregister() {
      for (const { resource, name } of made.splice(0)) await server.api.kube.delete(resource, name);
    },
    async create(data = {}, query = "") {
      const asked = `map-${count++}`;
      const response = await server.fetch(`/api/v1/namespaces/default/configmaps${query}`, body(aMap(asked, data)));
      const json = (await response.json()) as Record<string, unknown>;
      return { asked, status: response.status, json, warnings: response.headers.get("warning") };
    },
    async close() {
      await hook.close();
      await server.api.close();
    },
  };
}

async function serveBehind({ api: { kube } }: InProcess, hook: WebhookServer): Promise<void> {
  await kube.create(RESOURCE.namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "tools", labels: { team: "a" } } });
  await kube.create(RESOURCE.services, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "hooks", namespace: "tools" },
    spec: { ports: [{ name: "tls", port: 443, targetPort: hook.port }] },
  });
  await kube.create(SLICES, {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "hooks-1", namespace: "tools", labels: { "kubernetes.io/service-name": "hooks" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true }, nodeName: "node-a" }],
    ports: [{ name: "tls", port: hook.port, protocol: "TCP" }],
  });
}

function configuration(
  { caPem }: Authority,
  resource: typeof MUTATING,
  name: string,
  webhooks: readonly Record<string, unknown>[],
): KubeObject {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: resource === MUTATING ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration",
    metadata: { name },
    webhooks: webhooks.map((webhook, index) => ({
      name: `w${index}.${name}.example.com`,
      admissionReviewVersions: ["v1"],
      sideEffects: "None",
      rules: [ALL_MAPS],
      clientConfig: {
        caBundle: Buffer.from(caPem).toString("base64"),
        service: { name: "hooks", namespace: "tools", path: `/${name}` },
      },
      ...webhook,
    })),
  };
}

export function aMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
}
