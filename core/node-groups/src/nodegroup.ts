import type { HealthIssue, UpdateRecord } from "@slash28/eks";
import type { TaintEffect } from "@slash28/node-bootstrap";

/** Milliseconds since the Unix epoch. */
export type Millis = number;

/** Every managed node group of an account in one Region, as plain JSON. */
export interface NodegroupsState {
  /** By `<cluster>/<name>`. */
  readonly groups: Readonly<Record<string, Nodegroup>>;
}

export const NO_NODEGROUPS: NodegroupsState = { groups: {} };

export type NodegroupStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING" | "CREATE_FAILED" | "DELETE_FAILED" | "DEGRADED";
export const CAPACITY_TYPES = ["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"] as const;
export type CapacityType = (typeof CAPACITY_TYPES)[number];

export interface Scaling {
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredSize: number;
}

/** How many nodes may be away at a time while nodes are replaced: a count or a part of the group. */
export interface UpdateConfig {
  readonly maxUnavailable?: number;
  readonly maxUnavailablePercentage?: number;
  /** `MINIMAL` takes nodes away before new ones come. `DEFAULT` when absent. */
  readonly updateStrategy?: "DEFAULT" | "MINIMAL";
}

export interface GroupTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: TaintEffect;
}

/** A launch template of the operator's, at one version. */
export interface SourceTemplate {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

/** The launch template that EKS makes for the group's instances out of the group and the operator's template. */
export interface LaunchSource {
  readonly templateId: string;
  /** What new instances are launched from. */
  readonly version: number;
  /** Versions whose instances need no replacing. */
  readonly current: readonly number[];
  readonly instanceTypes: readonly string[];
  /** What EKS told kubelet; absent with an image of one's own. */
  readonly maxPods?: number;
}

/** What is being done to a group, for whoever does it. */
export type GroupWork =
  | { readonly kind: "create" }
  | {
      readonly kind: "config";
      readonly updateId: string;
      readonly removeLabels: readonly string[];
      readonly removeTaints: readonly GroupTaint[];
    }
  | {
      readonly kind: "roll";
      readonly updateId: string;
      readonly isForced: boolean;
      readonly isPrepared: boolean;
      readonly before: BeforeRoll;
    }
  | { readonly kind: "delete" };

/** What holds again when nodes cannot be replaced. */
export interface BeforeRoll {
  readonly launch?: LaunchSource;
  readonly launchTemplate?: SourceTemplate;
  readonly version: string;
  readonly releaseVersion: string;
}

/** Why pods are being moved off a node, and since when. */
export interface Drain {
  readonly since: Millis;
  readonly why: "surplus" | "replaced" | "deleted";
}

export interface Nodegroup {
  readonly cluster: string;
  readonly name: string;
  readonly arn: string;
  readonly uuid: string;
  readonly createdAt: Millis;
  readonly modifiedAt: Millis;
  readonly status: NodegroupStatus;
  readonly version: string;
  readonly releaseVersion: string;
  readonly capacityType: CapacityType;
  readonly scaling: Scaling;
  /** As asked; empty where the launch template names the type. */
  readonly instanceTypes: readonly string[];
  readonly subnets: readonly string[];
  readonly remoteAccess?: { readonly ec2SshKey?: string; readonly sourceSecurityGroups?: readonly string[] };
  /** EKS's name of the kind of image; `CUSTOM` where the launch template names one. */
  readonly amiType: string;
  readonly diskSize?: number;
  readonly nodeRole: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly GroupTaint[];
  readonly updateConfig: UpdateConfig;
  readonly launchTemplate?: SourceTemplate;
  readonly tags: Readonly<Record<string, string>>;
  readonly health: readonly HealthIssue[];
  /** Oldest first. */
  readonly updates: readonly UpdateRecord[];
  /** Settings a cluster file gives beyond what EKS's API can say. */
  readonly told?: { readonly maxPods?: number; readonly kubeletConfig?: Readonly<Record<string, unknown>> };
  readonly launch?: LaunchSource;
  readonly work?: GroupWork;
  /** By instance id. */
  readonly draining: Readonly<Record<string, Drain>>;
  /** The token it was made with, and what with. */
  readonly made?: { readonly token: string; readonly parameters: string };
}

export function groupKey(cluster: string, name: string): string {
  return `${cluster}/${name}`;
}

export function findGroup(state: NodegroupsState, cluster: string, name: string): Nodegroup | undefined {
  const key = groupKey(cluster, name);
  return Object.hasOwn(state.groups, key) ? state.groups[key] : undefined;
}

export function groupsOf(state: NodegroupsState, cluster: string): readonly Nodegroup[] {
  return Object.values(state.groups).filter((group) => group.cluster === cluster);
}

export function withGroup(state: NodegroupsState, group: Nodegroup): NodegroupsState {
  return { groups: { ...state.groups, [groupKey(group.cluster, group.name)]: group } };
}

export function withoutGroup(state: NodegroupsState, cluster: string, name: string): NodegroupsState {
  const key = groupKey(cluster, name);
  return { groups: Object.fromEntries(Object.entries(state.groups).filter(([other]) => other !== key)) };
}

/** The group with an issue in place of an older one of its code. */
export function withIssue(group: Nodegroup, issue: HealthIssue): Nodegroup {
  return { ...group, health: [...group.health.filter(({ code }) => code !== issue.code), issue] };
}

/** The group with an update ended. */
export function withUpdateEnded(group: Nodegroup, updateId: string, end: Pick<UpdateRecord, "status" | "errors">): Nodegroup {
  return { ...group, updates: group.updates.map((update) => (update.id === updateId ? { ...update, ...end } : update)) };
}
