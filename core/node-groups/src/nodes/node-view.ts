import type { Millis } from "../nodegroup.ts";

/** An instance of a group as it is now. */
export interface NodeView {
  readonly instanceId: string;
  readonly zone: string;
  readonly launchedAt: Millis;
  /** The version of the group's launch template it came from. */
  readonly launchVersion: number;
  /** Absent until it has registered. */
  readonly nodeName?: string;
  readonly isReady: boolean;
  readonly isCordoned: boolean;
  /** Pods that must leave before it may end: all but those of DaemonSets and those that are done. */
  readonly podsToMove: number;
  /** Why it will never join; empty as long as it may. */
  readonly problems: readonly string[];
}

/** What is to be done to a group's nodes. */
export type NodeAction =
  | { readonly kind: "launch"; readonly count: number }
  /** Mark unschedulable and ask for the eviction of what runs there; pods whose budget refuses are deleted only when forced. */
  | { readonly kind: "drain"; readonly instanceId: string; readonly isForced: boolean }
  | { readonly kind: "uncordon"; readonly instanceId: string }
  | { readonly kind: "terminate"; readonly instanceId: string };
