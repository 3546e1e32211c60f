import { begin } from "../time/steps.ts";
import type { Happening } from "../time/event-queue.ts";
import type { World } from "../world.ts";
import { endNode } from "./end-node.ts";
import { kindOfNode, launch } from "./launch.ts";
import type { NodeGroup } from "./node-group.ts";

const NOBODY = { pods: 0, isolated: 0 };

/** The Cluster Autoscaler's scan interval. */
const SCAN_EVERY_MS = 10_000;

/**
 * The Cluster Autoscaler, as far as numbers of nodes go: for pods that have had no node for a while it launches as many nodes as they fill, less
 * those on their way; a node that had no pods for a while goes.
 */
export class Autoscaler implements Happening {
  readonly #world: World;
  readonly #groups: readonly NodeGroup[];

  constructor(world: World) {
    this.#world = world;
    this.#groups = [...world.groups.values()].filter(({ spec }) => spec.scaling !== undefined);
  }

  start(): void {
    if (this.#groups.length > 0) this.#world.queue.in(SCAN_EVERY_MS, this);
  }

  fire(): void {
    let unclaimed = this.#pendingFor(undefined, false);
    let isolated = this.#pendingFor(undefined, true);
    for (const group of this.#groups) {
      const own = this.#pendingFor(group, false);
      const ownIsolated = this.#pendingFor(group, true);
      const served = this.#scaleOut(group, own + unclaimed, ownIsolated + isolated);
      unclaimed = Math.max(0, unclaimed - Math.max(0, served.pods - own));
      isolated = Math.max(0, isolated - Math.max(0, served.isolated - ownIsolated));
      this.#scaleIn(group);
    }
    this.#world.queue.in(SCAN_EVERY_MS, this);
  }

  /** Pods without a node, if the first of them has been without long enough. */
  #pendingFor(group: NodeGroup | undefined, isIsolated: boolean): number {
    const { count, since } = this.#world.scheduler.pendingOf({ group: group?.name, isIsolated });
    const patience = Math.min(...(group === undefined ? this.#groups : [group]).map(({ spec }) => spec.scaling?.scaleOutAfterMs ?? 0));
    return this.#world.queue.now - since >= patience ? count : 0;
  }

  /** Answers for how many pods there are nodes, or will be; pods with security groups of their own are counted apart. */
  #scaleOut(group: NodeGroup, pods: number, isolated: number): { readonly pods: number; readonly isolated: number } {
    const { scaling } = group.spec;
    if (scaling === undefined || pods + isolated === 0) return NOBODY;
    const { seats, branchSeats } = kindOfNode(this.#world, group.spec);
    if (seats === 0 || (pods === 0 && branchSeats === 0)) return NOBODY;
    const coming = group.asked + [...group.nodes].filter((node) => !node.hadAddress && !node.isCordoned).length;
    const room = Math.max(0, scaling.max - group.nodes.size - group.asked);
    const served = branchSeats === 0 ? 0 : isolated;
    const wanted = Math.max(Math.ceil((pods + served) / seats), served === 0 ? 0 : Math.ceil(served / branchSeats));
    const more = Math.min(room, Math.max(0, wanted - coming));
    if (more > 0) begin(this.#world.queue, launch(this.#world, group, more, scaling.nodeReadyAfterMs), () => undefined);
    return { pods: (coming + more) * seats, isolated: (coming + more) * branchSeats };
  }

  #scaleIn(group: NodeGroup): void {
    const { scaling } = group.spec;
    if (scaling === undefined) return;
    let spare = group.nodes.size - scaling.min;
    const { now } = this.#world.queue;
    for (const node of group.nodes) {
      if (spare <= 0) return;
      const isEmpty = node.hadAddress && !node.isCordoned && node.pods.length === node.daemonPods;
      if (node.isCordoned) spare--;
      if (!isEmpty || now - node.emptySince < scaling.scaleInAfterMs) continue;
      spare--;
      begin(this.#world.queue, endNode(this.#world, node), () => undefined);
    }
  }
}
