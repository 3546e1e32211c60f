import type { KubeReserved } from "@slash28/limits";
import type { PlanMode } from "./mode.ts";
import type { InternetWay } from "./needs.ts";

/** A cluster's network, and why it is so. Plain data: ranges are text. */
export interface Plan {
  readonly name: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly mode: PlanMode;
  readonly title: string;
  readonly reasons: readonly string[];
  readonly alternatives: readonly Alternative[];
  readonly size: PlannedSize;
  readonly vpc: {
    /** The primary one first. */
    readonly cidrs: readonly string[];
    readonly hasIpv6: boolean;
    readonly internet: InternetWay;
    /** Of the cluster's services; not routed, and apart from everything else. */
    readonly serviceCidr: string;
    readonly subnets: readonly PlannedSubnet[];
    /** What of the ranges no subnet has. */
    readonly leftOver: readonly string[];
  };
  /** Variables of `aws-node`. */
  readonly env: Readonly<Record<string, string>>;
  readonly nodeGroups: readonly PlannedNodeGroup[];
  /** One per zone with custom networking, named as the zone. */
  readonly eniConfigs: readonly PlannedEniConfig[];
  readonly isolation: PlannedIsolation | null;
  readonly runsOut: RunsOut;
  readonly quotas: { readonly networkInterfaces: number; readonly needed: number };
  /** What to know before and after. */
  readonly notes: readonly string[];
}

/** A mode that is not the plan's. */
export interface Alternative {
  readonly mode: PlanMode;
  readonly title: string;
  /** `rejected`: it cannot carry the needs. `possible`: it could, and the plan is preferred. */
  readonly verdict: "rejected" | "possible";
  readonly reason: string;
}

export interface PlannedSize {
  readonly months: number;
  readonly today: SizeAt;
  readonly planned: SizeAt;
  /** What the number of nodes follows from. */
  readonly boundBy: "compute" | "max-pods";
}

export interface SizeAt {
  readonly nodes: number;
  readonly surgeNodes: number;
  readonly pods: number;
  /** With an address, DaemonSets' among them. */
  readonly podsPerNode: number;
  /** Those of `pods` with security groups of their own. */
  readonly isolatedPods: number;
}

export type SubnetRole = "cluster" | "public" | "nodes" | "pods";

export interface PlannedSubnet {
  readonly name: string;
  readonly zone: string;
  readonly role: SubnetRole;
  readonly cidr: string;
  /** All but the five that EC2 keeps. */
  readonly usable: number;
  /** With the nodes and pods planned for, while an upgrade runs. */
  readonly needed: number;
  readonly neededShare: number;
  /** How `needed` comes about. */
  readonly arithmetic: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Set aside for prefixes. */
  readonly reservations: readonly string[];
}

export interface PlannedNodeGroup {
  readonly name: string;
  readonly instanceType: string;
  readonly nodesToday: number;
  readonly nodesPlanned: number;
  readonly maxPods: number;
  /** What the images would give kubelet by themselves. */
  readonly maxPodsOfImage: number;
  /** Pods of the workload that it has CPU and memory for, where the needs say. */
  readonly podsPerNodeByCompute: number | null;
  readonly kubeReserved: { readonly amazonLinux: KubeReserved | null; readonly bottlerocket: KubeReserved | null };
  readonly branchPodsPerNode: number;
}

export interface PlannedEniConfig {
  readonly zone: string;
  readonly subnet: string;
}

/** Pods with security groups of their own. */
export interface PlannedIsolation {
  readonly pods: number;
  readonly branchEnisPerNode: Readonly<Record<string, number>>;
  /** Of all nodes planned for. */
  readonly capacity: number;
}

export interface RunsOut {
  /** `null`: not within fifty years at this growth. */
  readonly months: number | null;
  /** A subnet's name, `eni-quota` or `branch-enis`. */
  readonly what: string | null;
  readonly arithmetic: string;
}

/** No plan. */
export interface Refusal {
  /** What is missing, and what would help. */
  readonly reason: string;
  /** Every mode, with why not. */
  readonly alternatives: readonly Alternative[];
}

export type Planned = { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly refusal: Refusal };
