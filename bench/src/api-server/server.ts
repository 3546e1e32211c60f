import { cidr4 } from "@slash28/address";
import { createApiServer } from "@slash28/lab/api-server";
import { systemClock } from "@slash28/linux";
import type { KubeObject } from "@slash28/ports";

import { SILENT } from "../silent-log.ts";
import type { ClusterAccess } from "./roles.ts";

const PODS = { group: "", version: "v1", plural: "pods" };
const BINDINGS = { group: "", version: "v1", plural: "bindings" };
const PER_NODE = 100;

/** An API server with this many running pods, reachable over TLS; tells its parent how. */
export async function serveCluster(pods: number): Promise<void> {
  const api = await createApiServer({ clock: systemClock, log: SILENT, runtimeFor: () => undefined, serviceRange: cidr4("10.96.0.0/12") });
  for (let index = 0; index < pods; index++) {
    const name = `web-7c5ddbdf54-${String(index).padStart(5, "0")}`;
    const node = `ip-10-0-${Math.floor(index / PER_NODE)}-10.ec2.internal`;
    await api.kube.create(PODS, aPod(name));
    await api.kube.create(BINDINGS, {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace: "default" },
      target: { kind: "Node", name: node },
    });
    await api.kube.patch(PODS, name, "default", { kind: "strategic", body: { status: runningStatus(index) }, subresource: "status" });
  }
  const { url } = await api.listen({ host: "127.0.0.1", port: 0 });
  process.send?.(accessOf(api.kubeconfig(url), url, api.caPem));
  process.once("disconnect", () => process.exit(0));
}

function accessOf(kubeconfig: string, url: string, ca: string): ClusterAccess {
  const decoded = (field: string): string =>
    Buffer.from(new RegExp(`${field}: "?([A-Za-z0-9+/=]+)`).exec(kubeconfig)?.[1] ?? "", "base64").toString();
  return { url, ca, cert: decoded("client-certificate-data"), key: decoded("client-key-data") };
}

function aPod(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      labels: { app: "web", "pod-template-hash": "7c5ddbdf54" },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: "web-7c5ddbdf54",
          uid: "5f1c7a4e-9a0b-4c58-8f3f-2d9b1a7f6c11",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      containers: [
        {
          name: "web",
          image: "public.ecr.aws/nginx/nginx:1.29",
          ports: [{ containerPort: 80 }],
          env: [{ name: "MODE", value: "live" }],
          resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
          readinessProbe: { httpGet: { path: "/", port: 80 } },
        },
      ],
    },
  };
}

function runningStatus(index: number): object {
  const at = "2026-01-01T00:00:00Z";
  const ip = `10.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  return {
    phase: "Running",
    podIP: ip,
    podIPs: [{ ip }],
    hostIP: "10.0.0.10",
    startTime: at,
    conditions: ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"].map((type) => ({
      type,
      status: "True",
      lastTransitionTime: at,
    })),
    containerStatuses: [
      {
        name: "web",
        ready: true,
        started: true,
        restartCount: 0,
        image: "public.ecr.aws/nginx/nginx:1.29",
        imageID: "sha256:2d9b1a7f6c11",
        containerID: `process://${index}`,
        state: { running: { startedAt: at } },
        lastState: {},
      },
    ],
  };
}
