import { cidr4Size } from "@slash28/address";
import { parseSettings } from "@slash28/ipam";
import { createRandom } from "@slash28/simulation";
import { applyChange } from "./changes/apply-change.ts";
import { BranchController } from "./branches/branch-controller.ts";
import { Ec2Side } from "./cloud/ec2-side.ts";
import { Network } from "./cloud/network.ts";
import { Figures } from "./figures/figures.ts";
import { resultOf } from "./figures/result.ts";
import { Series } from "./figures/series.ts";
import type { FleetInput } from "./fleet-input.ts";
import type { FleetResult } from "./fleet-result.ts";
import type { Fleet, FleetMoment, FleetProgress, NodeHolding } from "./fleet.ts";
import { Autoscaler } from "./groups/autoscaler.ts";
import { launchAtOnce } from "./groups/launch.ts";
import { NodeGroup } from "./groups/node-group.ts";
import { placeObserved } from "./groups/observed.ts";
import { rangesOn } from "./nodes/eni-accounts.ts";
import { startAgent } from "./nodes/agent-life.ts";
import { PodFeed } from "./pods/pod-feed.ts";
import { podDone } from "./pods/pod-life.ts";
import { Scheduler } from "./pods/scheduler.ts";
import { EventQueue } from "./time/event-queue.ts";
import { podEventsOf } from "./workloads/pod-events.ts";
import type { FleetWatch, World } from "./world.ts";

/** The nodes of a fleet that begins come up within this. */
const START_SPREAD_MS = 2_000;

/** A fleet's world with everything in it that the input says, and what is to happen in it. */
export function beginWorld(input: FleetInput, watch?: FleetWatch): World {
  const world = worldOf(input, watch);
  if (input.initial !== undefined) placeObserved(world, input.initial);
  else for (const group of world.groups.values()) startNodes(world, group);
  for (const workload of input.workloads) new PodFeed(world, workload, podEventsOf(workload, input)).start();
  for (const change of input.changes) world.queue.at(change.atMs, { fire: () => applyChange(world, change) });
  new Autoscaler(world).start();
  return world;
}

function worldOf(input: FleetInput, watch: FleetWatch | undefined): World {
  const queue = new EventQueue();
  const network = new Network(input);
  const world: World = {
    input,
    queue,
    network,
    ec2: new Ec2Side(network.cloud, queue, createRandom("ec2", input.seed), input.ec2),
    figures: new Figures(),
    scheduler: new Scheduler(),
    branchDesk: new BranchController(),
    groups: new Map(input.nodeGroups.map((spec) => [spec.name, new NodeGroup(spec)])),
    random: createRandom("nodes", input.seed),
    env: input.env,
    settings: parseSettings(input.env).settings,
    eniConfigs: input.eniConfigs,
    leaked: [],
    podDone: (pod) => podDone(world, pod),
    watch,
    podCount: 0,
    nodeCount: 0,
  };
  return world;
}

function startNodes(world: World, group: NodeGroup): void {
  for (const node of launchAtOnce(world, group, group.spec.nodes)) {
    world.queue.at(Math.floor(world.random.next() * START_SPREAD_MS), { fire: () => startAgent(world, node) });
  }
}

/** A world that is taken through time. */
export class Run implements Fleet {
  readonly #world: World;
  readonly #series: Series;

  constructor(world: World) {
    this.#world = world;
    this.#series = new Series(world);
  }

  get nowMs(): number {
    return this.#world.queue.now;
  }

  get isOver(): boolean {
    return this.nowMs >= this.#world.input.durationMs;
  }

  advance(untilMs: number): void {
    const { queue, input } = this.#world;
    const until = Math.min(Math.floor(untilMs), input.durationMs);
    const series = this.#series;
    for (;;) {
      const nextAt = Math.min(queue.nextAt, until + 1);
      while (series.nextAt < nextAt) series.add();
      if (nextAt > until) break;
      queue.next()?.fire();
    }
    queue.passTo(until);
  }

  progress(): FleetProgress {
    const { queue, input, figures, scheduler } = this.#world;
    return {
      nowMs: queue.now,
      durationMs: input.durationMs,
      nodes: figures.nodes.value,
      podsRunning: figures.podsRunning.value,
      podsWaiting: figures.podsWaiting + scheduler.pendingCount,
      podsStarted: figures.podStarts.count,
    };
  }

  moment(): FleetMoment {
    const { network, figures, scheduler } = this.#world;
    return {
      free: network.subnets.map((subnet) => network.freeIn(subnet)),
      podsWaiting: figures.podsWaiting + scheduler.pendingCount,
      podsDelayedByAddresses: figures.podsDelayedByAddresses,
    };
  }

  nodeHoldings(): readonly NodeHolding[] {
    const { network, groups } = this.#world;
    const order = new Map(network.subnets.map(({ id }, at) => [id, at]));
    return [...groups.values()].flatMap((group) =>
      Array.from(group.nodes, ({ identity }): NodeHolding => {
        const addresses = network.subnets.map(() => 0);
        for (const eni of network.cloud.view.attachedEnis(identity.instanceId)) {
          const at = order.get(eni.subnetId) ?? 0;
          const held = rangesOn(eni).reduce((sum, range) => sum + cidr4Size(range), 0);
          addresses[at] = (addresses[at] ?? 0) + 1 + held;
        }
        return { node: identity.name, addresses };
      }),
    );
  }

  result(): FleetResult {
    return resultOf(this.#world, this.#series);
  }
}
