import { seatPending, serveWaiting, startDaemonPod } from "../pods/pod-life.ts";
import type { World } from "../world.ts";
import type { FleetNode } from "./node.ts";

/** A node's ledger may have more to give than before: with its first address it takes pods, and whoever waits is served. */
export function addressesCame(world: World, node: FleetNode): void {
  if (node.waiting.length > 0) serveWaiting(world, node);
  if (node.hadAddress || (!node.hasIpv6Prefix && node.ledger.counts(world.queue.now).held === 0)) return;
  const { now } = world.queue;
  node.hadAddress = true;
  world.figures.nodesReady.add(now - node.identity.launchedAt);
  world.figures.lastReadyAt = now;
  for (let i = 0; i < world.input.daemonPods; i++) startDaemonPod(world, node);
  world.scheduler.update(node);
  seatPending(world);
}
