import type { EniId } from "@slash28/address";
import type { Settings } from "@slash28/ipam";
import type { Random } from "@slash28/simulation";
import type { BranchDesk } from "./branches/branch-desk.ts";
import type { Ec2Side } from "./cloud/ec2-side.ts";
import type { Network } from "./cloud/network.ts";
import type { Figures } from "./figures/figures.ts";
import type { FleetInput } from "./fleet-input.ts";
import type { NodeGroup } from "./groups/node-group.ts";
import type { FleetNode } from "./nodes/node.ts";
import type { WhenDone } from "./pods/pod.ts";
import type { Scheduler } from "./pods/scheduler.ts";
import type { EventQueue } from "./time/event-queue.ts";

/** Everything of a run, for those who act in it. */
export interface World {
  readonly input: FleetInput;
  readonly queue: EventQueue;
  readonly network: Network;
  readonly ec2: Ec2Side;
  readonly figures: Figures;
  readonly scheduler: Scheduler;
  readonly branchDesk: BranchDesk;
  readonly groups: ReadonlyMap<string, NodeGroup>;
  /** Choices of nodes: when they start, how long they back off. */
  readonly random: Random;
  /** What a new agent is started with: variables, and what they mean. */
  env: Readonly<Record<string, string>>;
  settings: Settings;
  /** Zone → name of the subnet of its ENIConfig. */
  eniConfigs: Readonly<Record<string, string>>;
  /** ENIs that nodes left behind when they went. */
  readonly leaked: LeakedEni[];
  /** What becomes of pods that end by themselves. */
  readonly podDone: WhenDone;
  /** Who hears of pods; absent: nobody. */
  readonly watch: FleetWatch | undefined;
  /** Pods and nodes so far, for their numbers. */
  podCount: number;
  nodeCount: number;
}

/** Hears what a run's result does not tell. */
export interface FleetWatch {
  /** A pod that needs an address of its node's pool was given the node, whether there is an address or not. */
  podSeated(node: string, atMs: number): void;
}

export interface LeakedEni {
  readonly eni: EniId;
  readonly node: FleetNode;
  readonly at: number;
}

/** The group by its name in the input. */
export function groupOf(world: World, name: string): NodeGroup {
  const group = world.groups.get(name);
  if (group === undefined) throw new RangeError(`there is no node group ${name}`);
  return group;
}
