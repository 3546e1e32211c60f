import type { Cidr4 } from "@slash28/address";

export type InternetWay = "nat" | "public" | "none";

/** What a cluster has to carry, and what it may use for it: all that a plan depends on. */
export interface Needs {
  /** Of the cluster; subnets are named after it. */
  readonly name: string;
  readonly region: string;
  /** `us-east-1a`; two at least, as EKS wants subnets of two zones. */
  readonly zones: readonly string[];
  /** Nodes that CPU and memory need today, whatever the mode. */
  readonly nodes: number;
  /** Pods with an address of their own today, DaemonSets' not among them. */
  readonly pods: number;
  /** Pods that one node has CPU and memory for. With it the number of nodes follows from the pods; without it, it stays `nodes` as long as max pods allows. */
  readonly podsPerNodeByCompute?: number;
  /** Pods of DaemonSets that every node runs and that take an address. */
  readonly daemonPods: number;
  /** Nodes are spread over them evenly. */
  readonly instanceTypes: readonly string[];
  /** By which nodes and pods grow a year: 0.4 is 40 %. */
  readonly growthPerYear: number;
  /** How far ahead the subnets must last. */
  readonly months: number;
  /** Nodes that an upgrade launches before old ones go, as a share of all. */
  readonly surge: number;
  /** Kept free over the computed need, as a share of it. */
  readonly headroom: number;
  /** Routable ranges the VPC may have; none: a free /16 is taken. */
  readonly routable: readonly Cidr4[];
  /** Ranges for pods alone, not routed outside the VPC; none: a free /16 of 100.64.0.0/10 is taken where one is needed. */
  readonly podRanges: readonly Cidr4[];
  /** Ranges of other clusters, peers and on-premises networks. */
  readonly avoid: readonly Cidr4[];
  /** Whether everything the workload talks to and runs on can do with IPv6 pods. */
  readonly isIpv6Ready: boolean;
  /** A cluster that exists keeps its address family. */
  readonly isNewCluster: boolean;
  /** How the VPC reaches the internet: through NAT gateways, by nodes' own public addresses, or not at all. */
  readonly internet: InternetWay;
  /** Whether others outside the VPC open connections to pods' own addresses. */
  readonly arePodsReachedFromOutside: boolean;
  /** Pods with security groups of their own, in the whole cluster today. */
  readonly isolatedPods: number;
  readonly cniVersion: string;
  /** Network interfaces the account may have in the Region. */
  readonly eniQuota: number;
}
