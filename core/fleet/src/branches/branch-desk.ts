import type { FleetNode } from "../nodes/node.ts";
import type { Pod } from "../pods/pod.ts";
import type { World } from "../world.ts";

/** Where pods with security groups of their own get branch ENIs, as the rest of a run sees it. */
export interface BranchDesk {
  /** The node's agent wants a trunk, as soon as the node has room for it. */
  wantTrunk(world: World, node: FleetNode): void;
  /** A pod has a node, and waits for its branch. */
  ask(world: World, pod: Pod, node: FleetNode): void;
  /** A pod leaves its node, with a branch or still without. */
  leave(world: World, pod: Pod, node: FleetNode): void;
  /** A pod found no node: takes note of it where that is for want of branches. */
  noteShortage(world: World): void;
  /** The node's instance ends. */
  endNode(world: World, node: FleetNode): void;
}
