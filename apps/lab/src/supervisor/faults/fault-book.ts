import type { Clock, Log } from "@slash28/ports";
import { textOf } from "../failure-text.ts";
import type { FaultOrder, LabFault } from "../../control/index.ts";
import type { EventBook } from "../event-book.ts";

/** A fault that has begun. */
export interface Begun {
  /** What it does to what, for a person. */
  readonly detail: string;
  /** Undoes it; absent for what happens once. Called once. */
  readonly end?: () => Promise<void> | void;
  /** What there is to tell once it is over, such as how many calls it refused. */
  readonly outcome?: () => string;
}

/** Makes an order true. Rejects, having changed nothing, when it names something that is not there. */
export type Begin = (order: FaultOrder, id: string) => Promise<Begun> | Begun;

/** The faults ordered of a running lab. */
export interface Faults {
  order(order: FaultOrder): Promise<LabFault>;
  /** Those in force. */
  all(): readonly LabFault[];
  /** Ends one, or all; resolves to those ended. Rejects when there is none of that id. */
  clear(id?: string): Promise<readonly LabFault[]>;
  /** Ends none, but sees to it that no timer is left. */
  close(): void;
}

interface InForce {
  readonly fault: LabFault;
  readonly begun: Begun;
  readonly timer: AbortController;
}

export interface FaultBookOptions {
  readonly begin: Begin;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventBook;
}

export function createFaultBook(options: FaultBookOptions): Faults {
  const { begin, clock, log, events } = options;
  const inForce = new Map<string, InForce>();
  let count = 0;

  const end = async (id: string, why: string): Promise<LabFault | undefined> => {
    const found = inForce.get(id);
    if (found === undefined) return undefined;
    inForce.delete(id);
    found.timer.abort();
    await found.begun.end?.();
    const outcome = found.begun.outcome?.();
    events.record("fault-ended", id, outcome === undefined ? `${found.fault.kind} ${why}` : `${found.fault.kind} ${why}: ${outcome}`);
    return found.fault;
  };

  const endLater = async (id: string, delayMs: number, signal: AbortSignal): Promise<void> => {
    await clock.sleep(delayMs, signal);
    if (!signal.aborted) await end(id, "is over");
  };

  return {
    async order(order) {
      const id = `fault-${++count}`;
      const begun = await begin(order, id);
      const now = clock.now();
      const lasting = "seconds" in order ? { until: new Date(now + order.seconds * 1_000).toISOString() } : {};
      const fault: LabFault = { id, kind: order.kind, since: new Date(now).toISOString(), ...lasting, detail: begun.detail };
      events.record("fault-ordered", id, `${order.kind}: ${begun.detail}`);
      if (!("seconds" in order)) return fault;
      const timer = new AbortController();
      inForce.set(id, { fault, begun, timer });
      endLater(id, order.seconds * 1_000, timer.signal).catch((cause: unknown) => {
        log.error("a fault could not be ended", { fault: id, detail: textOf(cause) });
      });
      return fault;
    },
    all: () => [...inForce.values()].map(({ fault }) => fault),
    async clear(id) {
      if (id !== undefined && !inForce.has(id)) throw new Error(`no fault ${id} is in force; see: slash28 lab fault list`);
      const ids = id === undefined ? [...inForce.keys()] : [id];
      const ended = await Promise.all(ids.map((one) => end(one, "was cleared")));
      return ended.filter((fault) => fault !== undefined);
    },
    close() {
      for (const { timer } of inForce.values()) timer.abort();
    },
  };
}
