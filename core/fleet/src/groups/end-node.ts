import type { Eni } from "@slash28/vpc";
import { endRests } from "../nodes/agent-life.ts";
import { countEni } from "../nodes/eni-accounts.ts";
import type { FleetNode } from "../nodes/node.ts";
import { evict } from "../pods/pod-life.ts";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";

/** How the control plane waits after EC2 throttled it. */
const THROTTLED_MS = 2_000;

/** Takes a node out: no new pods, those on it start elsewhere, its instance ends. */
export function* endNode(world: World, node: FleetNode): Steps<void> {
  if (node.phase === "gone" || node.isCordoned) return;
  cordon(world, node);
  for (const pod of node.pods.toReversed()) evict(world, pod);
  for (;;) {
    const answer = yield* world.ec2.send({ action: "TerminateInstances", instances: 1 }, (call) => {
      const result = world.network.cloud.terminateInstances({ instanceIds: [node.identity.instanceId] }, call);
      if (result.ok) leave(world, node);
      return result;
    });
    if (answer.kind !== "throttled") return;
    yield Math.ceil(THROTTLED_MS * (0.5 + world.random.next()));
  }
}

function cordon(world: World, node: FleetNode): void {
  node.isCordoned = true;
  world.scheduler.update(node);
}

/** The instance shuts down; its ENIs go with it some seconds later, but for those that were not marked to. */
function leave(world: World, node: FleetNode): void {
  const { queue, network } = world;
  const { group, instanceId } = node.identity;
  endRests(world, node);
  node.phase = "gone";
  group.nodes.delete(node);
  group.count.add(-1, queue.now);
  world.figures.nodes.add(-1, queue.now);
  world.figures.nodesRemoved++;
  const enis = network.cloud.view.attachedEnis(instanceId);
  const open = node.openEni === undefined ? undefined : network.cloud.view.eni(node.openEni);
  const fire = (): void => {
    network.cloud.settleInstance({ instanceId }, { now: queue.now });
    forget(world, node, open === undefined || enis.some(({ id }) => id === open.id) ? enis : [...enis, open]);
  };
  world.branchDesk.endNode(world, node);
  queue.in(world.ec2.settleMs("shutting-down"), { fire });
}

function forget(world: World, node: FleetNode, enis: readonly Eni[]): void {
  const { now } = world.queue;
  for (const eni of enis) {
    const isThere = world.network.cloud.view.eni(eni.id) !== undefined;
    if (isThere) world.leaked.push({ eni: eni.id, node, at: now });
    else countEni(world, node, eni, -1, now);
  }
}
