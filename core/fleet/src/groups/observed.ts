import { formatIpv4, type SubnetId } from "@slash28/address";
import { limitsOf } from "@slash28/limits";
import type { Instance, LaunchEni } from "@slash28/vpc";
import { demand } from "../cloud/network.ts";
import type { FleetStart, StartEni, StartNode } from "../fleet-start.ts";
import { recallNode, resumeAgent } from "../nodes/agent-life.ts";
import { FleetNode } from "../nodes/node.ts";
import { makePod, runAt, seat, wantPod } from "../pods/pod-life.ts";
import { ANY_POD, DAEMON_POD, type Pod } from "../pods/pod.ts";
import { groupOf, type World } from "../world.ts";
import { enter, kindOfNode } from "./launch.ts";

/** Puts an observed fleet into the model: what others hold first, then each node with its ENIs, its addresses and its pods. */
export function placeObserved(world: World, start: FleetStart): void {
  for (const { subnet, addresses, prefixes } of start.others)
    world.network.occupy(world.network.byName(subnet), { addresses, prefixes }, 0);
  const nodes = start.nodes.map((node) => placeNode(world, node));
  // An agent that EC2 answers at once must not take an address that another node has.
  for (const node of nodes) resumeAgent(world, node);
  for (let i = 0; i < start.pendingPods; i++) wantPod(world, ANY_POD);
}

function placeNode(world: World, start: StartNode): FleetNode {
  const group = groupOf(world, start.group);
  const spec = {
    ...group.spec,
    ...(start.instanceType === undefined ? {} : { instanceType: start.instanceType }),
    ...(start.maxPods === undefined ? {} : { maxPods: start.maxPods }),
  };
  const limits = limitsOf(spec.instanceType);
  if (limits === undefined) throw new RangeError(`node ${start.name}: ${spec.instanceType} is not an instance type known here`);
  const instance = launchObserved(world, start, spec.instanceType);
  const subnet = world.network.byId(instance.subnetId);
  const { name, reservedEnis } = start;
  const kind = kindOfNode(world, spec);
  const node = new FleetNode({ name, group, instanceId: instance.id, subnet, ...kind, reservedEnis, launchedAt: 0 }, world.settings);
  world.nodeCount++;
  enter(world, node, 0);
  node.isCordoned = start.isCordoned;
  recallNode(world, node);
  putPods(world, node, start);
  return node;
}

/** An instance with the ENIs as they were observed, each with its own addresses. */
function launchObserved(world: World, start: StartNode, instanceType: string): Instance {
  const { cloud } = world.network;
  const about = `node ${start.name}`;
  const enis = start.enis.map((eni): LaunchEni => launchEni(eni, world.network.byName(eni.subnet).id));
  const launched = demand(cloud.runInstances({ type: instanceType, imageId: "ami-1", minCount: 1, maxCount: 1, enis }, CALL), about);
  const [instance] = launched.instances;
  if (instance === undefined) throw new Error(`${about} was not launched`);
  demand(cloud.settleInstance({ instanceId: instance.id }, CALL), about);
  for (const eni of cloud.view.attachedEnis(instance.id)) {
    const seen = start.enis.find(({ primaryAddress }) => primaryAddress === eni.primaryAddress);
    if (seen === undefined || seen.prefixes.length === 0 || seen.addresses.length === 0) continue;
    demand(cloud.assignAddresses({ eniId: eni.id, carry: { prefixes: seen.prefixes } }, CALL), about);
  }
  return cloud.view.instance(instance.id) ?? instance;
}

const CALL = { now: 0 };

function launchEni({ deviceIndex, primaryAddress, addresses, prefixes }: StartEni, subnetId: SubnetId): LaunchEni {
  const carry = addresses.length > 0 ? { addresses } : prefixes.length > 0 ? { prefixes } : {};
  return { kind: "new", deviceIndex, subnetId, primaryAddress, carry };
}

/** The observed pods on their addresses, and those without one, which wait. */
function putPods(world: World, node: FleetNode, start: StartNode): void {
  const { now } = world.queue;
  for (const [index, address] of start.pods.entries()) {
    const pod = makePod(world, index < start.daemonPods ? DAEMON_POD : ANY_POD);
    const slot = node.ledger.slotOf(address);
    if (slot === undefined) throw new RangeError(`node ${start.name}: none of its ENIs has ${formatIpv4(address)}, which a pod has`);
    if (node.ledger.place({ key: pod, address, reservedAt: now }) !== "placed")
      throw new RangeError(`node ${start.name}: two pods have ${formatIpv4(address)}`);
    sit(pod, node);
    runAt(world, pod, address, world.network.byId(slot.block.eni.facts.subnetId));
  }
  for (let i = 0; i < start.waitingPods; i++) {
    seat(world, makePod(world, ANY_POD), node);
  }
}

function sit(pod: Pod, node: FleetNode): void {
  pod.node = node;
  node.pods.push(pod);
  if (pod.spec.isDaemon) node.daemonPods++;
}
