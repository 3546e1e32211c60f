import { limitsOf, HOST_NETWORK_PODS, maxPodsOf, type InstanceLimits } from "@slash28/limits";
import { keepsTrunkSlot } from "@slash28/ipam";
import type { Call, Ec2Result, Instance } from "@slash28/vpc";
import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import type { FleetNodeGroup } from "../fleet-input.ts";
import { startAgent } from "../nodes/agent-life.ts";
import { countEni } from "../nodes/eni-accounts.ts";
import { FleetNode } from "../nodes/node.ts";
import { noteExhaustion } from "../nodes/refusals.ts";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import type { NodeGroup } from "./node-group.ts";

/** The version whose arithmetic max pods follow where the input says none. */
const CNI_VERSION = "1.23.0";
/** How the control plane waits after EC2 throttled it. */
const THROTTLED_MS = 2_000;
/** EC2's bucket of instances holds 1,000 and fills by 2 a second: who asks for few at a time waits less. */
const INSTANCES_PER_CALL = 100;

/** What a node of the group is. */
export function kindOfNode(
  world: World,
  spec: FleetNodeGroup,
): { readonly limits: InstanceLimits; readonly maxPods: number; readonly seats: number; readonly branchSeats: number } {
  const limits = limitsOf(spec.instanceType);
  if (limits === undefined) throw new RangeError(`node group ${spec.name}: ${spec.instanceType} is not an instance type known here`);
  const maxPods = spec.maxPods ?? computedMaxPods(world, spec);
  const { hostNetworkPods, daemonPods } = world.input;
  const seats = Math.max(0, Math.min(maxPods - hostNetworkPods - daemonPods, spec.podsPerNodeByCompute ?? Number.POSITIVE_INFINITY));
  const branchSeats = keepsTrunkSlot(world.env, limits) ? Math.min(seats, limits.branchInterfaces ?? 0) : 0;
  return { limits, maxPods, seats, branchSeats };
}

function computedMaxPods({ input }: World, { name, instanceType }: FleetNodeGroup): number {
  const result = maxPodsOf({ instance: instanceType, cniVersion: CNI_VERSION, ipv6: input.ipFamily === "ipv6" });
  if (!result.ok) throw new RangeError(`node group ${name}: ${result.error.message}`);
  return Math.max(HOST_NETWORK_PODS, result.value.maxPods);
}

/** Nodes that are there when the run begins: no call is counted for them. Those that found no address are failures. */
export function launchAtOnce(world: World, group: NodeGroup, count: number): readonly FleetNode[] {
  return splitByZone(world, group, count).flatMap(({ zone, nodes }) => {
    const made: FleetNode[] = [];
    const subnets = subnetsOf(world, zone);
    for (const [index, subnet] of subnets.entries()) {
      const share = Math.ceil((nodes - made.length) / (subnets.length - index));
      if (share > 0) made.push(...launchIn(world, group, subnet, share, { now: world.queue.now }));
    }
    world.figures.launchesFailed += nodes - made.length;
    return made;
  });
}

/** Asks EC2 for nodes, zone by zone, and starts their agents when they are up; answers those that EC2 gave. */
export function* launch(world: World, group: NodeGroup, count: number, readyAfterMs: number): Steps<readonly FleetNode[]> {
  const launched: FleetNode[] = [];
  group.asked += count;
  for (const { zone, nodes } of splitByZone(world, group, count)) {
    let left = nodes;
    for (const subnet of subnetsOf(world, zone)) {
      let isFull = false;
      while (left > 0 && !isFull) {
        const wanted = Math.min(left, INSTANCES_PER_CALL);
        const made = yield* ask(world, group, subnet, wanted);
        for (const node of made) world.queue.in(readyAfterMs, { fire: () => startAgent(world, node) });
        launched.push(...made);
        left -= made.length;
        group.asked -= made.length;
        isFull = made.length < wanted;
      }
    }
    group.asked -= left;
    world.figures.launchesFailed += left;
  }
  return launched;
}

function* ask(world: World, group: NodeGroup, subnet: SubnetOfRun, count: number): Steps<readonly FleetNode[]> {
  for (;;) {
    let made: readonly FleetNode[] = [];
    const answer = yield* world.ec2.send({ action: "RunInstances", instances: count }, (call): Ec2Result<undefined> => {
      made = launchIn(world, group, subnet, count, call);
      if (made.length > 0) return { ok: true, value: undefined };
      return { ok: false, error: { code: "InsufficientFreeAddressesInSubnet", message: `${subnet.spec.name} is full` } };
    });
    if (answer.kind !== "throttled") return made;
    yield Math.ceil(THROTTLED_MS * (0.5 + world.random.next()));
  }
}

/** As many instances as the subnet has addresses for. */
function launchIn(world: World, group: NodeGroup, subnet: SubnetOfRun, count: number, call: Call): readonly FleetNode[] {
  const { cloud } = world.network;
  const { spec } = group;
  const input = { type: spec.instanceType, imageId: "ami-1", minCount: 1, maxCount: count, subnetId: subnet.id };
  const result = cloud.runInstances(input, call);
  if (!result.ok) {
    noteExhaustion(world, subnet, result.error);
    return [];
  }
  const { instances } = result.value;
  // EC2 launches as many as there is room for, and says nothing of the others.
  if (instances.length < count) {
    const reason = cloud.view.subnetUsage(subnet.id)?.free === 0 ? "no-free-addresses" : "eni-quota";
    world.figures.exhausted(reason, subnet, call.now);
  }
  return instances.map((instance) => addNode(world, group, instance, subnet, call.now));
}

function addNode(world: World, group: NodeGroup, instance: Instance, subnet: SubnetOfRun, now: number): FleetNode {
  const { cloud } = world.network;
  cloud.settleInstance({ instanceId: instance.id }, { now });
  const name = `${group.name}-${world.nodeCount++}`;
  const kind = kindOfNode(world, group.spec);
  const identity = { name, group, instanceId: instance.id, subnet, ...kind, reservedEnis: 0, launchedAt: now };
  const node = new FleetNode(identity, world.settings);
  enter(world, node, now);
  world.figures.nodesLaunched++;
  return node;
}

/** The node counts from now on, with what its instance has. */
export function enter(world: World, node: FleetNode, now: number): void {
  const { group, instanceId } = node.identity;
  group.nodes.add(node);
  group.count.add(1, now);
  world.figures.nodes.add(1, now);
  for (const eni of world.network.cloud.view.attachedEnis(instanceId)) {
    if (eni.attachment !== undefined) world.network.cloud.settleAttachment({ attachmentId: eni.attachment.id }, { now });
    countEni(world, node, eni, 1, now);
  }
}

/** New nodes go where the group has fewest that stay, as an Auto Scaling group spreads them. */
function splitByZone(world: World, group: NodeGroup, count: number): readonly { readonly zone: string; readonly nodes: number }[] {
  const zones = zonesOf(world, group);
  const counts = new Map(zones.map((zone) => [zone, 0]));
  for (const { zone, isLeaving } of group.nodes) if (!isLeaving) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  const more = new Map(zones.map((zone) => [zone, 0]));
  for (let i = 0; i < count; i++) {
    const total = (zone: string): number => (counts.get(zone) ?? 0) + (more.get(zone) ?? 0);
    const least = zones.reduce((best, zone) => (total(zone) < total(best) ? zone : best));
    more.set(least, (more.get(least) ?? 0) + 1);
  }
  return [...more].filter(([, nodes]) => nodes > 0).map(([zone, nodes]) => ({ zone, nodes }));
}

function zonesOf(world: World, { name, spec }: NodeGroup): readonly [string, ...string[]] {
  const forNodes = [...new Set(world.network.subnets.flatMap(({ spec: subnet }) => (subnet.isForNodes ? [subnet.zone] : [])))];
  const [first, ...others] = spec.zones === undefined ? forNodes : spec.zones.filter((zone) => forNodes.includes(zone));
  if (first === undefined) throw new RangeError(`node group ${name}: there is no subnet for nodes in its zones`);
  return [first, ...others];
}

/** Subnets for nodes in a zone, the one with most free addresses first. */
function subnetsOf(world: World, zone: string): readonly SubnetOfRun[] {
  const found = world.network.subnets.filter(({ spec }) => spec.isForNodes && spec.zone === zone);
  return found.sort((a, b) => world.network.freeIn(b) - world.network.freeIn(a));
}
