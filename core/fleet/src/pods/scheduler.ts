import type { NodeBranches } from "../branches/node-branches.ts";
import type { FleetNode } from "../nodes/node.ts";
import { PodQueue } from "./pod-queue.ts";
import type { Pod, PodSpec } from "./pod.ts";
import { SeatTable, type Seated } from "./seat-table.ts";

/** What a pod asks of a node, beside a seat. */
type Wish = Pick<PodSpec, "group" | "isIsolated">;

/** Pods with the same wish, in line for a node. */
interface Line {
  readonly wish: Wish;
  readonly queue: PodQueue;
}

/**
 * Kubernetes' scheduler as far as addresses are concerned: a pod goes to the zone whose nodes are the least full, there to the node with most
 * seats free; one with security groups of its own likewise, by the branch ENIs that nodes have left. One without a place waits in line. Finding a
 * place costs the number of zones and groups, whatever the number of nodes.
 */
export class Scheduler {
  readonly #tables = new Map<string, SeatTable<FleetNode>>();
  readonly #branchTables = new Map<string, SeatTable<NodeBranches>>();
  readonly #pending = new Map<string, Line>();

  /** Pods that have no node. */
  get pendingCount(): number {
    let sum = 0;
    for (const { queue } of this.#pending.values()) sum += queue.count;
    return sum;
  }

  /** Pods without a node that wish this, since when the first of them does. */
  pendingOf(wish: Wish): { readonly count: number; readonly since: number } {
    const queue = this.#pending.get(keyOf(wish))?.queue;
    return { count: queue?.count ?? 0, since: queue?.first?.wantedAt ?? Number.POSITIVE_INFINITY };
  }

  /** Where a pod goes now; `undefined`: no node has room, and it waits in line. */
  place(pod: Pod): FleetNode | undefined {
    const ahead = this.#pending.get(keyOf(pod.spec))?.queue;
    const node = ahead === undefined || ahead.count === 0 ? this.#roomFor(pod.spec) : undefined;
    if (node === undefined) this.#queueOf(pod.spec).push(pod);
    return node;
  }

  /** The next pod in line that there is room for, with its node. */
  placeNext(): { readonly pod: Pod; readonly node: FleetNode } | undefined {
    for (const { wish, queue } of this.#pending.values()) {
      if (queue.count === 0) continue;
      const node = this.#roomFor(wish);
      if (node === undefined) continue;
      const pod = queue.shift();
      if (pod !== undefined) return { pod, node };
    }
    return undefined;
  }

  /** A node with a free seat while a pod with security groups of its own waits in line: it is a branch ENI that is wanting. */
  nodeWithoutBranches(): FleetNode | undefined {
    for (const { wish, queue } of this.#pending.values()) {
      if (!wish.isIsolated || queue.count === 0 || this.#roomFor(wish) !== undefined) continue;
      const node = roomIn(this.#tables, wish.group);
      if (node !== undefined) return node;
    }
    return undefined;
  }

  /** A pod in line is not wanted any more. */
  giveUp(pod: Pod): void {
    this.#pending.get(keyOf(pod.spec))?.queue.dropOne();
  }

  /** A node takes pods, or its seats were taken or left. */
  update(node: FleetNode): void {
    const takesPods = node.phase !== "gone" && node.hadAddress && !node.isCordoned;
    const table = (node.seatTable ??= tableOf(this.#tables, node));
    if (takesPods) table.update(node);
    else table.remove(node);
    if (node.branches === undefined) return;
    const branchTable = tableOf(this.#branchTables, node);
    if (takesPods) branchTable.update(node.branches);
    else branchTable.remove(node.branches);
  }

  #roomFor({ group, isIsolated }: Wish): FleetNode | undefined {
    return isIsolated ? roomIn(this.#branchTables, group)?.node : roomIn(this.#tables, group);
  }

  #queueOf(wish: Wish): PodQueue {
    const key = keyOf(wish);
    const known = this.#pending.get(key);
    if (known !== undefined) return known.queue;
    const queue = new PodQueue();
    this.#pending.set(key, { wish, queue });
    return queue;
  }
}

function keyOf({ group = "", isIsolated }: Wish): string {
  return isIsolated ? `${group} isolated` : group;
}

function roomIn<N extends Seated>(tables: ReadonlyMap<string, SeatTable<N>>, group: string | undefined): N | undefined {
  let best: SeatTable<N> | undefined;
  for (const table of tables.values()) {
    if (!table.hasRoom || (group !== undefined && table.group !== group)) continue;
    if (best === undefined || table.isLessFullThan(best)) best = table;
  }
  return best?.roomiest();
}

/** Of the node's group and zone. */
function tableOf<N extends Seated>(tables: Map<string, SeatTable<N>>, { identity, zone }: FleetNode): SeatTable<N> {
  const group = identity.group.name;
  const key = `${group} ${zone}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const table = new SeatTable<N>(group);
  tables.set(key, table);
  return table;
}
