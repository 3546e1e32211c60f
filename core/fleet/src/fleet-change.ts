import type { Cidr4 } from "@slash28/address";
import type { FleetSubnet } from "./fleet-input.ts";

interface ChangeBase {
  /** Since the start of the run. */
  readonly atMs: number;
}

/** New variables for `aws-node`: its DaemonSet is rolled out, and each node's agent restarts with them. Pods keep running. */
export interface SetEnvChange extends ChangeBase {
  readonly kind: "set-env";
  /** `null` takes a variable away; those that are not named stay. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Agents restarted at the same time; a DaemonSet's default is 1. */
  readonly maxUnavailable: number;
  /** From the end of one agent on a node to the start of the next; absent: 5 s. */
  readonly restartMs?: number;
}

/** Zones whose ENIConfig names another subnet from now on. */
export interface SetEniConfigsChange extends ChangeBase {
  readonly kind: "set-eni-configs";
  readonly eniConfigs: Readonly<Record<string, string>>;
}

/** Every node of a group is replaced by a new one, some at a time: drained, its pods start elsewhere, and it goes. */
export interface ReplaceNodesChange extends ChangeBase {
  readonly kind: "replace-nodes";
  readonly group: string;
  /** New nodes are of this type; absent: as before. */
  readonly instanceType?: string;
  readonly maxPods?: number;
  readonly podsPerNodeByCompute?: number;
  /** How many nodes the group has afterwards; absent: as many as before. */
  readonly nodes?: number;
  /** Nodes replaced at the same time. */
  readonly maxUnavailable: number;
  /** `true`: new nodes come before old ones go (a managed node group's way). `false`: old ones make room first. */
  readonly launchFirst: boolean;
  /** From the launch of an instance until its kubelet takes pods. */
  readonly nodeReadyAfterMs: number;
}

/** A subnet more, with a further CIDR of the VPC if it lies in none so far. */
export interface AddSubnetChange extends ChangeBase {
  readonly kind: "add-subnet";
  readonly subnet: FleetSubnet;
  readonly vpcCidr?: Cidr4;
}

/** A group has another number of nodes: new ones are launched, or the emptiest ones drained. */
export interface ScaleGroupChange extends ChangeBase {
  readonly kind: "scale-group";
  readonly group: string;
  readonly nodes: number;
  readonly nodeReadyAfterMs: number;
}

/** The account may have more network interfaces. */
export interface RaiseEniQuotaChange extends ChangeBase {
  readonly kind: "raise-eni-quota";
  readonly eniQuota: number;
}

/** What somebody does to a fleet while it runs. */
export type FleetChange =
  | SetEnvChange
  | SetEniConfigsChange
  | ReplaceNodesChange
  | AddSubnetChange
  | ScaleGroupChange
  | RaiseEniQuotaChange;
