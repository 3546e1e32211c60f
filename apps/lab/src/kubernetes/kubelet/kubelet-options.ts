import type { Clock, Kube, Log } from "@slash28/ports";
import type { PodRuntime } from "../pod-runtime.ts";
import type { DataWatch } from "./data-watch.ts";
import type { ImageRule } from "./image-table.ts";
import type { PodSource } from "./pod-source.ts";
import type { ProcessHost } from "./process-host.ts";
import type { ServiceWatch } from "./service-watch.ts";

/** The instance a kubelet speaks for. */
export interface NodeSpec {
  readonly name: string;
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly region: string;
  /** The node's primary address; its InternalIP. */
  readonly address: string;
  /** Allocatable pods: how many the scheduler may place here. */
  readonly maxPods: number;
  readonly vcpus: number;
  readonly memoryMib: number;
  /** What kubelet keeps from pods: for itself, the system, and the threshold of eviction. Nothing when absent. */
  readonly reserved?: { readonly cpuMillicores: number; readonly memoryMib: number };
  /** The instance's network namespace: `/run/netns/<name>`. Not used by the simulated data plane. */
  readonly netnsPath: string;
  /** The directory that stands for the node's own disk; host paths of pods map below it. */
  readonly rootDir: string;
  /** Holds one directory per volume that is not the node's own; absent: the node has no such volumes. */
  readonly disksDir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The longest wait before a container that ended runs again, as in a KubeletConfiguration; absent, 300 s. */
  readonly crashBackOffMaxMs?: number;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** What pods are told of the cluster. */
export interface ClusterAccess {
  /** Where a pod reaches the API server: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`. */
  readonly serviceHost: string;
  readonly servicePort: number;
  readonly caPem: string;
  /** Address put into a pod's resolv.conf for `dnsPolicy: ClusterFirst`; absent: the pod gets the node's. */
  readonly dnsAddress?: string;
  /** Resolvers of a node, and of pods that use its; the VPC's resolver unless given. */
  readonly nodeResolvers?: readonly string[];
  /** For example `cluster.local`. */
  readonly domain: string;
  /** A signed token for a pod's service account. */
  token(request: TokenRequest): Promise<string>;
}

export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: { readonly name: string; readonly uid: string };
  readonly audience?: string;
  readonly expirationSeconds: number;
}

/** Absolute paths of the native programs, as the build leaves them in `dist/native`. */
export interface NativePrograms {
  readonly pause: string;
  readonly run: string;
  /** Asks a gRPC health service; absent: gRPC cannot be probed. */
  readonly grpcProbe?: string;
}

export type DataPlane =
  | { readonly kind: "kernel"; readonly programs: NativePrograms }
  /** No process and no namespace: pods get an address from the CNI plugin, called with CNI_NETNS `simulated:<sandbox id>`. */
  | { readonly kind: "simulated" };

export interface MachineFile {
  readonly source: string;
  readonly target: string;
}

export interface KubeletOptions {
  readonly node: NodeSpec;
  readonly kube: Kube;
  /** Pods of all nodes, from one watch. */
  readonly pods: PodSource;
  /** Starts processes; one for all kubelets. */
  readonly processes: ProcessHost;
  readonly cluster: ClusterAccess;
  /** Changes of ConfigMaps and Secrets; one for all kubelets. Absent: files of volumes stay as they were made. */
  readonly changes?: DataWatch;
  /** The services pods are told of; one for all kubelets. Absent: they are told of the API server's alone. */
  readonly services?: ServiceWatch;
  readonly images: readonly ImageRule[];
  /** Files that every container sees in the place of this machine's, read-only. None on the simulated data plane. */
  readonly machineFiles?: readonly MachineFile[];
  /** Variables of every container whose image is not one of the cluster's own programs; the container's own come before them. */
  readonly machineEnv?: Readonly<Record<string, string>>;
  readonly dataPlane: DataPlane;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1): ids and jitter. */
  readonly random: () => number;
  readonly tuning?: Partial<KubeletTuning>;
}

export interface KubeletTuning {
  /** Sandboxes set up at one time. */
  readonly sandboxesAtOnce: number;
  /** How long one CNI plugin may take before it is killed. */
  readonly pluginTimeoutMs: number;
  readonly leaseEveryMs: number;
  readonly networkCheckEveryMs: number;
  readonly sandboxRetryMs: { readonly first: number; readonly max: number };
  readonly containerRetryMs: { readonly first: number; readonly max: number };
  readonly logBytesMax: number;
}

export const DEFAULT_TUNING: KubeletTuning = {
  sandboxesAtOnce: 16,
  pluginTimeoutMs: 120_000,
  leaseEveryMs: 10_000,
  networkCheckEveryMs: 1_000,
  sandboxRetryMs: { first: 1_000, max: 15_000 },
  containerRetryMs: { first: 10_000, max: 300_000 },
  logBytesMax: 10 * 1024 * 1024,
};

export interface Kubelet {
  /** Registers the node, then runs pods until `stop`. */
  start(): Promise<void>;
  /** Ends every process of every pod and waits for them; the API objects stay as they are. */
  stop(): Promise<void>;
  readonly runtime: PodRuntime;
}
