import { ownerReferenceTo } from "../../src/kubernetes/controllers/objects/index.ts";
import type { DaemonSet, Deployment, Node, Pod, PodSpec, ReplicaSet } from "../../src/kubernetes/controllers/objects/index.ts";

export const NOW = Date.UTC(2030, 0, 1, 12);

export const ago = (seconds: number): string => new Date(NOW - seconds * 1_000).toISOString().replace(/\.\d+Z$/, "Z");

export interface PodLook {
  readonly owner?: ReplicaSet | DaemonSet;
  readonly node?: string;
  readonly phase?: string;
  /** For how many seconds it has been ready; absent: it is not. */
  readonly readyFor?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly isEnding?: boolean;
  readonly age?: number;
  readonly restarts?: number;
  readonly spec?: Partial<PodSpec>;
  readonly ip?: string;
}

/** A running pod, unless told otherwise. */
export function aPod(name: string, look: PodLook = {}): Pod {
  const ready = look.readyFor === undefined ? [] : [{ type: "Ready", status: "True", lastTransitionTime: ago(look.readyFor) }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      creationTimestamp: ago(look.age ?? 100),
      labels: look.labels ?? { app: "web" },
      ...(look.annotations === undefined ? {} : { annotations: look.annotations }),
      ...(look.owner === undefined ? {} : { ownerReferences: [ownerReferenceTo(look.owner)] }),
      ...(look.isEnding === true ? { deletionTimestamp: ago(1) } : {}),
    },
    spec: { containers: [{ name: "web" }], ...(look.node === undefined ? {} : { nodeName: look.node }), ...look.spec },
    status: {
      phase: look.phase ?? "Running",
      conditions: ready,
      containerStatuses: [{ restartCount: look.restarts ?? 0 }],
      ...(look.ip === undefined ? {} : { podIP: look.ip }),
    },
  };
}

export function aNode(
  name: string,
  more: { labels?: Record<string, string>; spec?: Node["spec"]; allocatable?: Record<string, string> } = {},
): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/os": "linux", ...more.labels } },
    ...(more.spec === undefined ? {} : { spec: more.spec }),
    status: { allocatable: { pods: "10", cpu: "2", memory: "4Gi", ...more.allocatable }, conditions: [{ type: "Ready", status: "True" }] },
  };
}

export function aReplicaSet(replicas: number, more: Partial<ReplicaSet["spec"]> = {}): ReplicaSet {
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "web", namespace: "default", uid: "rs", generation: 3 },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web" }] } },
      ...more,
    },
  };
}

export function aDeployment(replicas: number, image = "nginx:2", more: Partial<Deployment["spec"]> = {}): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default", uid: "d", generation: 2 },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } },
      ...more,
    },
  };
}

export function aDaemonSet(more: Partial<DaemonSet["spec"]> = {}): DaemonSet {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "agent", namespace: "default", uid: "ds", generation: 1 },
    spec: {
      selector: { matchLabels: { app: "agent" } },
      template: { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "agent" }] } },
      ...more,
    },
  };
}
