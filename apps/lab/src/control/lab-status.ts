/** How packets move: through the kernel's namespaces, or not at all. */
export type DataPlane = "kernel" | "simulated";

/** Whether the lab's AWS endpoint takes any access key, or only those it gave out, with signatures that hold. */
export type IamMode = "open" | "strict";

/** What `lab status -o json` prints. Fields are only ever added. */
export interface LabStatus {
  readonly state: "starting" | "running" | "stopping" | "stopped";
  /** What is being done while starting or stopping. */
  readonly step?: string;
  readonly name: string;
  readonly region: string;
  readonly dataPlane: DataPlane;
  /** Where it is kept beyond its end; absent when it is not. */
  readonly stateDir?: string;
  readonly startedAt: string;
  readonly endpoints: LabEndpoints;
  /** What AWS clients may sign with; absent while it starts, and in a strict lab whose user `lab` has no key any more. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Of the lab's own cluster. */
  readonly nodes: readonly NodeStatus[];
  /** Every cluster on EKS's books, the lab's own first. */
  readonly clusters: readonly ClusterStatus[];
  readonly subnets: readonly SubnetStatus[];
}

export interface ClusterStatus {
  readonly name: string;
  /** As EKS has it: `CREATING`, `ACTIVE`, … */
  readonly status: string;
  /** Of Kubernetes: `1.35`. */
  readonly version: string;
  /** Empty until it runs. */
  readonly endpoint: string;
  readonly nodes: readonly NodeStatus[];
}

export interface LabEndpoints {
  readonly kubernetes: string;
  readonly aws: string;
  readonly kubeconfig: string;
}

export interface NodeStatus {
  readonly name: string;
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly address: string;
  readonly enis: number;
  /** Addresses for pods: on the node's ENIs, in use by pods, and resting before their next use. */
  readonly addresses: { readonly held: number; readonly assigned: number; readonly cooling: number };
  readonly pods: number;
  readonly maxPods: number;
  readonly ready: boolean;
}

export interface SubnetStatus {
  readonly id: string;
  readonly cidr: string;
  readonly zone: string;
  readonly free: number;
}
