import type { Agent } from "@slash28/agent";
import type { World } from "../world/world.ts";

type NodeFacts = Parameters<Agent["nodeChanged"]>[0];

/** What the Node object says. */
export function nodeFactsFor(world: World, isUnschedulable: boolean): NodeFacts {
  return { maxPods: world.scenario.maxPods, isUnschedulable, eniConfigName: "us-east-1a" };
}
