import { bookOf, keepsTrunkSlot, observe, restoreBook, type Settings } from "@slash28/ipam";
import { begin, type Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { addressesCame } from "./addresses-came.ts";
import { attachedTo, firstLook } from "./look.ts";
import { startIpv6Agent } from "./ipv6-agent.ts";
import type { FleetNode } from "./node.ts";
import { PoolLoop } from "./pool-loop.ts";
import { sweepNowAndThen } from "./sweep.ts";

/** From the end of one agent on a node to the start of the next: its container stops, and the DaemonSet's new pod comes. */
const RESTART_MS = 5_000;

/** The agent starts on a new node. */
export function startAgent(world: World, node: FleetNode): void {
  if (node.phase === "gone") return;
  keepTrunkSlot(world, node);
  if (world.input.ipFamily === "ipv6") return begin(world.queue, startIpv6Agent(world, node), () => serveIpv6(world, node), isGone(node));
  begin(world.queue, firstLook(world, node), ({ isMendDue }) => serve(world, node, isMendDue), isGone(node));
  begin(world.queue, sweepNowAndThen(world, node), () => undefined, isGone(node));
}

/** What an agent that has been there for long knows of its node. Its loop goes on with `resumeAgent`. */
export function recallNode(world: World, node: FleetNode): void {
  node.isTagged = true;
  node.hadAddress = true;
  node.described = world.network.describe(node.zone);
  observe(node.ledger, { source: "ec2", enis: attachedTo(world, node) }, node.policy, world.queue.now);
}

export function resumeAgent(world: World, node: FleetNode): void {
  begin(world.queue, sweepNowAndThen(world, node), () => undefined, isGone(node));
  world.scheduler.update(node);
  serve(world, node, false);
}

/** Where pods may have branch ENIs, the agent leaves one place of an ENI to the trunk from its start. Observed fleets have the trunks that were seen on them. */
function keepTrunkSlot({ env, input }: World, node: FleetNode): void {
  if (input.initial === undefined && keepsTrunkSlot(env, node.identity.limits)) node.keepTrunkSlot();
}

export function serve(world: World, node: FleetNode, isMendDue: boolean): void {
  node.phase = "serving";
  if (node.keepsTrunkSlot) world.branchDesk.wantTrunk(world, node);
  const loop = new PoolLoop(world, node, isMendDue);
  node.loop = loop;
  addressesCame(world, node);
  loop.start();
}

function serveIpv6(world: World, node: FleetNode): void {
  node.phase = "serving";
  if (node.keepsTrunkSlot) world.branchDesk.wantTrunk(world, node);
  addressesCame(world, node);
}

interface Restart {
  readonly settings: Settings;
  /** `undefined`: as long as it commonly takes. */
  readonly restartMs: number | undefined;
}

/** The agent ends what it does, and another one with these settings takes over its pods. */
export function* restartAgent(world: World, node: FleetNode, { settings, restartMs = RESTART_MS }: Restart): Steps<void> {
  if (node.phase !== "serving") {
    // One that has not started yet will start with them.
    if (node.phase === "launching") node.restartWith(settings);
    return;
  }
  node.loop?.stop();
  node.phase = "paused";
  while (node.loop?.isOver === false && isThere(node)) yield STOP_POLL_MS;
  yield restartMs;
  if (!isThere(node)) return;
  keepTrunkSlot(world, node);
  if (world.input.ipFamily === "ipv6") {
    yield* startIpv6Agent(world, node);
    if (isThere(node)) serveIpv6(world, node);
    return;
  }
  takeOver(world, node, settings);
  const { isMendDue } = yield* firstLook(world, node);
  if (isThere(node)) serve(world, node, isMendDue);
}

const STOP_POLL_MS = 100;

/** The journal's book, what was learned of the pods, and what EC2 has, in a new ledger. */
function takeOver(world: World, node: FleetNode, settings: Settings): void {
  const { now } = world.queue;
  const book = bookOf(node.ledger);
  const demand = node.ledger.demand?.seen(now);
  endRests(world, node);
  node.restartWith(settings);
  if (demand !== undefined) node.ledger.demand?.recall(demand, now);
  observe(node.ledger, { source: "ec2", enis: attachedTo(world, node) }, node.policy, now);
  restoreBook(node.ledger, book, now);
  for (const eni of node.ledger.enis()) {
    const subnet = world.network.byId(eni.facts.subnetId);
    for (const block of eni.blocks.values()) {
      for (const { coolUntil } of node.ledger.slotsOf(block)) if (coolUntil !== undefined) world.figures.rest(node, subnet, coolUntil, now);
    }
  }
}

/** What rests on the node counts no longer. */
export function endRests(world: World, node: FleetNode): void {
  const { now } = world.queue;
  node.ledger.settle(now);
  const enis = node.ledger.enis();
  const subnets = new Set(enis.map((eni) => world.network.byId(eni.facts.subnetId)));
  const restsIn = (id: string): number => enis.reduce((sum, eni) => sum + (eni.facts.subnetId === id ? eni.cooling : 0), 0);
  world.figures.endRestsOf(node, (subnet) => restsIn(subnet.id), subnets, now);
}

function isThere(node: FleetNode): boolean {
  return node.phase !== "gone";
}

function isGone(node: FleetNode): () => boolean {
  return () => node.phase === "gone";
}
