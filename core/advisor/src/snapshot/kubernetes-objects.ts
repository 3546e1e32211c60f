import type { InstanceId, Ipv4, SecurityGroupId, SubnetId } from "@slash28/address";
import type { LabelSelector } from "@slash28/kube-store";

/** What the checks need of Kubernetes objects, read at the border: see `read-kubernetes.ts`. */
export interface SeenObject {
  /** Absent for what has none. */
  readonly namespace?: string;
  readonly name: string;
}

export type Labels = Readonly<Record<string, string>>;

export interface SeenNode extends SeenObject {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** `us-east-1a`. */
  readonly zone?: string;
  readonly instanceType?: string;
  /** From the provider id. */
  readonly instanceId?: InstanceId;
  /** `status.capacity.pods`: kubelet's max pods. */
  readonly maxPods?: number;
  /** `status.allocatable["vpc.amazonaws.com/pod-eni"]`: pods with branch ENIs the node has places for. */
  readonly branchPods?: number;
  readonly isReady: boolean;
  readonly isCordoned: boolean;
  readonly isFargate: boolean;
  readonly address?: Ipv4;
  /** The managed node group's or eksctl's label. */
  readonly nodeGroup?: string;
}

export interface SeenPod extends SeenObject {
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly nodeName?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly isOnHostNetwork: boolean;
  readonly isFargate: boolean;
  readonly serviceAccount: string;
  readonly phase: string;
  readonly isReady: boolean;
  /** IPv4 addresses of its own or, on the host's network, of its node. */
  readonly addresses: readonly Ipv4[];
  readonly ipv6Addresses: readonly string[];
  /** The owner's kind: `ReplicaSet`, `DaemonSet`. */
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly images: readonly string[];
  readonly envNames: readonly string[];
  /** Why containers wait: `ContainerCreating`, `ImagePullBackOff`. */
  readonly waitingFor: readonly string[];
  /** Why it has no node, in the scheduler's words. */
  readonly unschedulable?: string;
  /** Whether it asks for a branch ENI (`vpc.amazonaws.com/pod-eni`). */
  readonly wantsBranchEni: boolean;
}

export interface SeenContainer {
  readonly name: string;
  readonly image: string;
  /** Plain values alone; what comes from elsewhere is left out. */
  readonly env: Readonly<Record<string, string>>;
}

export interface SeenDaemonSet extends SeenObject {
  readonly namespace: string;
  readonly serviceAccount?: string;
  readonly containers: readonly SeenContainer[];
  readonly initContainers: readonly SeenContainer[];
}

/** An earlier pod template of a DaemonSet, which Kubernetes keeps as a ControllerRevision. */
export interface SeenRevision extends SeenObject {
  readonly owner?: string;
  readonly revision: number;
  readonly images: readonly string[];
}

export interface SeenEniConfig extends SeenObject {
  readonly subnetId?: SubnetId;
  readonly groupIds: readonly SecurityGroupId[];
}

export interface SeenSecurityGroupPolicy extends SeenObject {
  readonly namespace: string;
  /** Absent: not given. `"unreadable"`: it selects nothing. */
  readonly podSelector?: LabelSelector | "unreadable";
  readonly serviceAccountSelector?: LabelSelector | "unreadable";
  readonly groupIds: readonly SecurityGroupId[];
}

export interface SeenServiceAccount extends SeenObject {
  readonly namespace: string;
  readonly labels: Labels;
  /** `eks.amazonaws.com/role-arn`. */
  readonly roleArn?: string;
}

export interface SeenService extends SeenObject {
  readonly namespace: string;
  readonly type: string;
  readonly annotations: Labels;
  readonly loadBalancerClass?: string;
  /** Empty: it selects no pods. */
  readonly selector: Labels;
  readonly clusterIps: readonly string[];
  readonly hostnames: readonly string[];
}

export interface SeenIngress extends SeenObject {
  readonly namespace: string;
  readonly annotations: Labels;
  readonly className?: string;
  /** Names of the services its rules lead to. */
  readonly services: readonly string[];
  readonly hostnames: readonly string[];
}

export interface SeenIngressClass extends SeenObject {
  readonly controller: string;
  readonly params?: string;
  readonly isDefault: boolean;
}

export interface SeenIngressClassParams extends SeenObject {
  readonly targetType?: string;
  readonly group?: string;
}

export interface SeenEvent extends SeenObject {
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly about: { readonly kind: string; readonly namespace?: string; readonly name: string };
  readonly count: number;
  /** When it was last seen, ISO 8601; absent where no field tells. */
  readonly at?: string;
}
