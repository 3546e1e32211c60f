import { parseSettings } from "@slash28/ipam";
import type { FleetChange, SetEnvChange } from "../fleet-change.ts";
import { endNode } from "../groups/end-node.ts";
import { launch } from "../groups/launch.ts";
import { restartAgent } from "../nodes/agent-life.ts";
import type { FleetNode } from "../nodes/node.ts";
import { begin, type Steps } from "../time/steps.ts";
import { groupOf, type World } from "../world.ts";
import { atMost } from "./at-most.ts";
import { replaceNodes } from "./replace-nodes.ts";

/** Begins what somebody does to the fleet; what takes time goes on by itself. */
export function applyChange(world: World, change: FleetChange): void {
  switch (change.kind) {
    case "set-env":
      return setEnv(world, change);
    case "set-eni-configs":
      world.eniConfigs = { ...world.eniConfigs, ...change.eniConfigs };
      return;
    case "add-subnet":
      return world.network.add(change.subnet, world.queue.now, change.vpcCidr);
    case "raise-eni-quota":
      return world.network.raiseEniQuota(change.eniQuota, world.queue.now);
    case "replace-nodes":
      return begin(world.queue, replaceNodes(world, change), () => undefined);
    case "scale-group":
      return begin(world.queue, scaleGroup(world, change.group, change.nodes, change.nodeReadyAfterMs), () => undefined);
    default:
      return change satisfies never;
  }
}

/** `kubectl set env daemonset aws-node`: new nodes have the variables at once, the others in turn. */
function setEnv(world: World, { env, maxUnavailable, restartMs }: SetEnvChange): void {
  const merged = Object.entries({ ...world.env, ...env }).filter((entry): entry is [string, string] => entry[1] !== null);
  world.env = Object.fromEntries(merged);
  const { settings } = parseSettings(world.env);
  world.settings = settings;
  const nodes = [...world.groups.values()].flatMap((group) => [...group.nodes]);
  atMost(world.queue, maxUnavailable, nodes, (node) => restartAgent(world, node, { settings, restartMs }));
}

/** The emptiest nodes go first. */
function* scaleGroup(world: World, name: string, nodes: number, readyAfterMs: number): Steps<void> {
  const group = groupOf(world, name);
  const change = nodes - group.nodes.size - group.asked;
  if (change > 0) {
    yield* launch(world, group, change, readyAfterMs);
    return;
  }
  const podsOn = (node: FleetNode): number => node.pods.length - node.daemonPods;
  const leaving = [...group.nodes].sort((a, b) => podsOn(a) - podsOn(b)).slice(0, -change);
  for (const node of leaving) begin(world.queue, endNode(world, node), () => undefined);
}
