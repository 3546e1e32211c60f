import type { Cidr4 } from "@slash28/address";
import type { FleetChange } from "./fleet-change.ts";
import type { FleetStart } from "./fleet-start.ts";
import type { Workload } from "./workloads/workload.ts";

/** A fleet and what happens to it: all that a run depends on. Times are milliseconds since the start of the run. */
export interface FleetInput {
  /** `us-east-1`. */
  readonly region: string;
  /** Of pods, for the cluster's life; `ipv4` when absent. With `ipv6` the VPC and each subnet have IPv6 ranges, and nodes take IPv4 for themselves alone. */
  readonly ipFamily?: "ipv4" | "ipv6";
  /** The first is the one the VPC is made with. */
  readonly vpcCidrs: readonly Cidr4[];
  readonly subnets: readonly FleetSubnet[];
  readonly nodeGroups: readonly FleetNodeGroup[];
  /** Variables of the `aws-node` DaemonSet, as `parseSettings` of `core/ipam` reads them. */
  readonly env: Readonly<Record<string, string>>;
  /** Zone → name of the subnet of that zone's ENIConfig; in force with custom networking. */
  readonly eniConfigs: Readonly<Record<string, string>>;
  /** Pods of DaemonSets that every node runs and that need an address. */
  readonly daemonPods: number;
  /** Pods that every node runs on the host's network: they take a place below max pods and no address (aws-node, kube-proxy). */
  readonly hostNetworkPods: number;
  readonly workloads: readonly Workload[];
  /** In any order. */
  readonly changes: readonly FleetChange[];
  /** A fleet as it was observed; absent: the node groups' nodes come up within the first seconds, empty. */
  readonly initial?: FleetStart;
  readonly ec2: FleetEc2;
  readonly durationMs: number;
  /** A whole number. */
  readonly seed: number;
}

export interface FleetSubnet {
  /** Unique; what other parts of the input refer to. */
  readonly name: string;
  /** `subnet-…` of an observed one; results show the name where it is absent. */
  readonly id?: string;
  /** `us-east-1a`. */
  readonly zone: string;
  readonly cidr: Cidr4;
  /** Whether instances are launched here; pods may have addresses of other subnets (an ENIConfig's, or by tag). */
  readonly isForNodes: boolean;
  /** Those by which the agent chooses subnets count: `kubernetes.io/role/cni`, `cni.networking.k8s.aws/cluster/…`. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly reservations?: readonly FleetReservation[];
  /** Whatever else lives in the subnet: load balancers, databases, other clusters. */
  readonly otherTenants?: OtherTenants;
}

/** A CIDR reservation: for prefixes only, or for addresses that are named explicitly only. */
export interface FleetReservation {
  readonly cidr: Cidr4;
  readonly kind: "prefix" | "explicit";
}

export interface OtherTenants {
  readonly addresses: number;
  /** At random places all over the subnet, or one beside the other from its start. */
  readonly placement: "scattered" | "packed";
}

export interface FleetNodeGroup {
  /** Unique. */
  readonly name: string;
  readonly instanceType: string;
  /** At the start. */
  readonly nodes: number;
  /** What kubelet is told; absent, what EKS computes for the type. */
  readonly maxPods?: number;
  /** Where nodes go, in turn; absent: every zone that has a subnet for nodes. */
  readonly zones?: readonly string[];
  /** Absent: as many nodes as `nodes` says, until a change. */
  readonly scaling?: FleetScaling;
  /** Pods that a node has CPU and memory for, where that is fewer than max pods. */
  readonly podsPerNodeByCompute?: number;
}

/** A cluster autoscaler's settings for one group. */
export interface FleetScaling {
  readonly min: number;
  readonly max: number;
  /** How long a pod has no node before nodes are launched. */
  readonly scaleOutAfterMs: number;
  /** From the launch of an instance until its kubelet takes pods. */
  readonly nodeReadyAfterMs: number;
  /** How long a node has no pod but the DaemonSets' before it goes. */
  readonly scaleInAfterMs: number;
}

export interface FleetEc2 {
  /** Whether requests draw on the account's token buckets. */
  readonly throttling: boolean;
  /** How long EC2 takes: as users measured it, or no time at all. */
  readonly latency: "typical" | "none";
  /** How many requests each counts as, in a fleet that stands for one of so many times its nodes; absent: 1. */
  readonly requestsCountAs?: number;
  /** Network interfaces the account may have in the Region; AWS's default is 5,000. */
  readonly eniQuota: number;
}
