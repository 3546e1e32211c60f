import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import type { NodeGroup } from "../groups/node-group.ts";
import type { FleetNode } from "../nodes/node.ts";

/** An address that rests after a pod. */
export interface Rest {
  readonly until: number;
  readonly node: FleetNode;
  readonly group: NodeGroup;
  readonly subnet: SubnetOfRun;
  /** Whether it counts no longer. */
  isVoid: boolean;
}

const TRIM_AFTER = 4_096;

/** Rests in the order in which they end: one queue for each length of rest that settings ask for. Ledgers end rests when somebody looks; figures need the time. */
export class Rests {
  readonly #queues = new Map<number, { list: Rest[]; head: number }>();

  add(rest: Rest, lengthMs: number): void {
    const queue = this.#queues.get(lengthMs);
    if (queue === undefined) this.#queues.set(lengthMs, { list: [rest], head: 0 });
    else queue.list.push(rest);
  }

  /** Takes out what has ended by now. */
  end(now: number, over: (rest: Rest) => void): void {
    for (const queue of this.#queues.values()) {
      for (let rest = queue.list[queue.head]; rest !== undefined && rest.until <= now; rest = queue.list[queue.head]) {
        queue.head++;
        if (!rest.isVoid) over(rest);
      }
      if (queue.head > TRIM_AFTER && queue.head * 2 > queue.list.length) {
        queue.list = queue.list.slice(queue.head);
        queue.head = 0;
      }
    }
  }

  /** What rests on a node counts no longer. Seldom asked: it looks at all that rest, so that none of them has to look at its node when it ends. */
  endOf(node: FleetNode): void {
    for (const { list, head } of this.#queues.values()) {
      for (let at = head; at < list.length; at++) {
        const rest = list[at];
        if (rest?.node === node) rest.isVoid = true;
      }
    }
  }
}
