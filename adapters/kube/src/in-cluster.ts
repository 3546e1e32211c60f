import { Fault } from "@slash28/ports";
import type { Clock } from "@slash28/ports";
import { createKube } from "./kube-client.ts";
import type { KubeClient } from "./kube-client.ts";

export interface InCluster {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  readonly clock: Clock;
  readonly userAgent?: string;
}

/** Where kubelet mounts a pod's token and the cluster's CA. */
export const SERVICE_ACCOUNT_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * A client for a program that runs in a pod. `CLUSTER_ENDPOINT` wins over `KUBERNETES_SERVICE_HOST` and `…_PORT`: on a
 * node whose service network is not up yet only the former is reachable. `SERVICE_ACCOUNT_DIR` moves the mount, for
 * processes that share a file system.
 */
export async function kubeFromCluster(cluster: InCluster): Promise<KubeClient> {
  const server = serverOf(cluster.env);
  const dir = cluster.env["SERVICE_ACCOUNT_DIR"] ?? SERVICE_ACCOUNT_DIR;
  let ca: string;
  try {
    ca = await cluster.readFile(`${dir}/ca.crt`);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new Fault(
      "KUBE_UNREACHABLE",
      { detail: `the cluster's CA cannot be read: ${detail}; is the service account mounted?` },
      { cause },
    );
  }
  return createKube({
    server,
    ca,
    credentials: { kind: "token-file", read: () => cluster.readFile(`${dir}/token`) },
    clock: cluster.clock,
    ...(cluster.userAgent === undefined ? {} : { userAgent: cluster.userAgent }),
  });
}

function serverOf(env: InCluster["env"]): string {
  const endpoint = env["CLUSTER_ENDPOINT"];
  if (endpoint !== undefined && endpoint !== "") return endpoint.includes("://") ? endpoint : `https://${endpoint}`;
  const host = env["KUBERNETES_SERVICE_HOST"];
  if (host === undefined || host === "") {
    throw new Fault("KUBE_UNREACHABLE", { detail: "neither CLUSTER_ENDPOINT nor KUBERNETES_SERVICE_HOST is set; this is not a pod" });
  }
  const port = env["KUBERNETES_SERVICE_PORT"] ?? "443";
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
