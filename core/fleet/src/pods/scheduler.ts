import type { FleetNode } from "../nodes/node.ts";
import { PodQueue } from "./pod-queue.ts";
import type { Pod } from "./pod.ts";
import { SeatTable } from "./seat-table.ts";

/** Of pods that may run anywhere. */
const ANYWHERE = "";

/**
 * Kubernetes' scheduler as far as addresses are concerned: a pod goes to the zone whose nodes are the least full, there to the node with most
 * seats free; one without a place waits in line. Finding a place costs the number of zones and groups, whatever the number of nodes.
 */
export class Scheduler {
  readonly #tables = new Map<string, SeatTable>();
  readonly #pending = new Map<string, PodQueue>();

  /** Pods that have no node. */
  get pendingCount(): number {
    let sum = 0;
    for (const queue of this.#pending.values()) sum += queue.count;
    return sum;
  }

  /** Pods without a node that wait for this group, since when the first of them does; `undefined`: pods that may run anywhere. */
  pendingOf(group: string | undefined): { readonly count: number; readonly since: number } {
    const queue = this.#pending.get(group ?? ANYWHERE);
    return { count: queue?.count ?? 0, since: queue?.first?.wantedAt ?? Number.POSITIVE_INFINITY };
  }

  /** Where a pod goes now; `undefined`: no node has room, and it waits in line. */
  place(pod: Pod): FleetNode | undefined {
    const group = pod.spec.group;
    const ahead = this.#pending.get(group ?? ANYWHERE);
    const node = ahead === undefined || ahead.count === 0 ? this.#roomFor(group) : undefined;
    if (node === undefined) this.#queueOf(group ?? ANYWHERE).push(pod);
    return node;
  }

  /** The next pod in line that there is room for, with its node. */
  placeNext(): { readonly pod: Pod; readonly node: FleetNode } | undefined {
    for (const [group, queue] of this.#pending) {
      if (queue.count === 0) continue;
      const node = this.#roomFor(group === ANYWHERE ? undefined : group);
      if (node === undefined) continue;
      const pod = queue.shift();
      if (pod !== undefined) return { pod, node };
    }
    return undefined;
  }

  /** A pod in line is not wanted any more. */
  giveUp(pod: Pod): void {
    this.#pending.get(pod.spec.group ?? ANYWHERE)?.dropOne();
  }

  /** A node takes pods, or its seats were taken or left. */
  update(node: FleetNode): void {
    const takesPods = node.phase !== "gone" && node.hadAddress && !node.isCordoned;
    const table = this.#tableOf(node);
    if (takesPods) table.update(node);
    else table.remove(node);
  }

  #roomFor(group: string | undefined): FleetNode | undefined {
    let best: SeatTable | undefined;
    for (const table of this.#tables.values()) {
      if (!table.hasRoom || (group !== undefined && table.group !== group)) continue;
      if (best === undefined || table.isLessFullThan(best)) best = table;
    }
    return best?.roomiest();
  }

  #tableOf(node: FleetNode): SeatTable {
    return (node.seatTable ??= this.#findTable(node));
  }

  #findTable(node: FleetNode): SeatTable {
    const group = node.identity.group.name;
    const key = `${group} ${node.zone}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const table = new SeatTable(group);
    this.#tables.set(key, table);
    return table;
  }

  #queueOf(group: string): PodQueue {
    const known = this.#pending.get(group);
    if (known !== undefined) return known;
    const queue = new PodQueue();
    this.#pending.set(group, queue);
    return queue;
  }
}
