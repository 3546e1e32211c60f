import { podText } from "@slash28/ipam";
import type { FleetNode } from "../nodes/node.ts";
import type { World } from "../world.ts";
import { DAEMON_POD, Pod, type PodSpec } from "./pod.ts";

/** From an address until the pod runs: the plugin's part, as `bench` measures it. */
const WIRING_MS = 2;

/** A new pod, which is nowhere yet. */
export function makePod(world: World, spec: PodSpec, runsForMs?: number): Pod {
  return new Pod(world.podCount++, spec, runsForMs, world.queue.now, world.podDone);
}

/** A pod is wanted: it goes to a node, or into line for one. One with `runsForMs` is a Job's: it ends by itself so long after it began to run. */
export function wantPod(world: World, spec: PodSpec, runsForMs?: number): Pod {
  const pod = makePod(world, spec, runsForMs);
  findNode(world, pod);
  return pod;
}

/** A DaemonSet's pod of this node. */
export function startDaemonPod(world: World, node: FleetNode): void {
  node.daemonPods++;
  seat(world, makePod(world, DAEMON_POD), node);
}

function findNode(world: World, pod: Pod): void {
  const node = world.scheduler.place(pod);
  if (node !== undefined) seat(world, pod, node);
  else if (pod.spec.isIsolated) world.branchDesk.noteShortage(world);
}

/** Seats have come free: pods in line get them. */
export function seatPending(world: World): void {
  for (let next = world.scheduler.placeNext(); next !== undefined; next = world.scheduler.placeNext()) seat(world, next.pod, next.node);
}

/** Puts a pod on a node: it runs if there is an address for it, and waits otherwise. */
export function seat(world: World, pod: Pod, node: FleetNode): void {
  pod.node = node;
  pod.seatedAt = world.queue.now;
  node.pods.push(pod);
  if (pod.spec.isIsolated) return seatIsolated(world, pod, node);
  world.watch?.podSeated(node.identity.name, world.queue.now);
  world.scheduler.update(node);
  if (node.phase !== "serving" || node.waiting.length > 0 || !tryAddress(world, pod, node)) {
    if (node.phase === "serving" && node.waiting.length > 0) noteInLine(node, pod, world.queue.now);
    pod.state = "waiting";
    node.waiting.push(pod);
    world.figures.podsWaiting++;
  }
  node.loop?.wake();
}

/** Its branch is made now that it has a node: there is no warm pool of branches. */
function seatIsolated(world: World, pod: Pod, node: FleetNode): void {
  pod.state = "waiting";
  world.figures.podsWaiting++;
  world.branchDesk.ask(world, pod, node);
  world.scheduler.update(node);
}

/** A pod has its branch ENI. */
export function startIsolated(world: World, pod: Pod): void {
  world.figures.podsWaiting--;
  start(world, pod);
}

/** Behind others a pod is not tried, as it would get nothing; a real one asks all the same, and is demand. */
function noteInLine({ ledger }: FleetNode, pod: Pod, now: number): void {
  if (ledger.demand === undefined) return;
  const { assigned, cooling } = ledger.counts(now);
  ledger.demand.asked(podText(pod, undefined), false, assigned + cooling + 1, now);
}

/** Pods that wait get addresses that are free by now, the first to come first. */
export function serveWaiting(world: World, node: FleetNode): void {
  let served = 0;
  for (const pod of node.waiting) {
    if (!tryAddress(world, pod, node)) break;
    served++;
  }
  if (served === 0) return;
  node.waiting.splice(0, served);
  world.figures.podsWaiting -= served;
}

function tryAddress(world: World, pod: Pod, node: FleetNode): boolean {
  const { now } = world.queue;
  if (node.hasIpv6Prefix) return start(world, pod);
  const result = node.ledger.reserve(pod, undefined, now);
  if (result.kind !== "reserved") return false;
  const { address, eni } = result.reservation;
  const facts = node.ledger.eni(eni)?.facts;
  if (facts === undefined) throw new Error(`${eni} gave an address and is not there`);
  holdAddress(world, pod, address, world.network.byId(facts.subnetId));
  return start(world, pod);
}

/** A pod that was wanted runs: how long it took is counted. */
function start(world: World, pod: Pod): true {
  const { now } = world.queue;
  run(world, pod);
  world.figures.podStarts.add(now - pod.wantedAt + WIRING_MS);
  if (now > pod.wantedAt) world.figures.podsDelayed++;
  if (now > pod.seatedAt) world.figures.podsDelayedByAddresses++;
  return true;
}

/** The pod runs with this address from now on. */
export function runAt(world: World, pod: Pod, address: NonNullable<Pod["address"]>, subnet: NonNullable<Pod["subnet"]>): void {
  holdAddress(world, pod, address, subnet);
  run(world, pod);
}

function holdAddress(world: World, pod: Pod, address: NonNullable<Pod["address"]>, subnet: NonNullable<Pod["subnet"]>): void {
  const { node } = pod;
  if (node === undefined) throw new Error("a pod without a node has no address");
  pod.address = address;
  pod.subnet = subnet;
  world.figures.assign(node, subnet, address, 1, world.queue.now);
}

function run(world: World, pod: Pod): void {
  const { now } = world.queue;
  pod.state = "running";
  world.figures.podsRunning.add(1, now);
  if (pod.runsForMs === undefined) return;
  pod.endsAt = Math.ceil(now + pod.runsForMs);
  world.queue.at(pod.endsAt, pod);
}

/** A Job's pod has done its work, unless it had to begin anew since. */
export function podDone(world: World, pod: Pod): void {
  if (pod.endsAt === world.queue.now) endPod(world, pod);
}

/** The pod is not wanted any more, wherever it is. */
export function endPod(world: World, pod: Pod): void {
  const { node, state } = pod;
  pod.endsAt = undefined;
  pod.state = "over";
  if (state === "pending") world.scheduler.giveUp(pod);
  if (state === "pending" || state === "waiting") world.figures.podsGivenUp++;
  if (state === "waiting") world.figures.podsGivenUpOnNodes++;
  if (node === undefined || state === "over") return;
  if (state === "running") leaveAddress(world, pod, node);
  else leaveLine(world, pod, node);
  leaveSeat(world, pod, node);
  node.loop?.wake();
  seatPending(world);
}

/** The pod has to leave its node: one of a workload is wanted elsewhere, a DaemonSet's ends. */
export function evict(world: World, pod: Pod): void {
  const { node, state } = pod;
  if (node === undefined) return;
  if (state === "running") leaveAddress(world, pod, node);
  else leaveLine(world, pod, node);
  leaveSeat(world, pod, node);
  Object.assign(pod, { state: "over", node: undefined, address: undefined, subnet: undefined, endsAt: undefined });
  if (pod.spec.isDaemon) return;
  pod.state = "pending";
  pod.wantedAt = world.queue.now;
  findNode(world, pod);
}

/** A running pod stops. One of an IPv6 cluster leaves nothing behind that another one could want. */
function leaveAddress(world: World, pod: Pod, node: FleetNode): void {
  const { address, subnet } = pod;
  const { now } = world.queue;
  world.figures.podsRunning.add(-1, now);
  if (pod.spec.isIsolated) return world.branchDesk.leave(world, pod, node);
  if (address === undefined || subnet === undefined) return;
  node.ledger.release(pod, now);
  world.figures.assign(node, subnet, address, -1, now);
  world.figures.rest(node, subnet, now + node.ledger.cooldownMs, now);
}

function leaveLine(world: World, pod: Pod, node: FleetNode): void {
  if (pod.spec.isIsolated) world.branchDesk.leave(world, pod, node);
  else node.waiting.splice(node.waiting.indexOf(pod), 1);
  world.figures.podsWaiting--;
}

function leaveSeat(world: World, pod: Pod, node: FleetNode): void {
  const at = node.pods.indexOf(pod);
  const last = node.pods.pop();
  if (last !== undefined && last !== pod) node.pods[at] = last;
  if (pod.spec.isDaemon) node.daemonPods--;
  world.scheduler.update(node);
  if (node.pods.length === node.daemonPods) node.emptySince = world.queue.now;
}
