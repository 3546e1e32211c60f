import type { Clock } from "@slash28/ports";
import type { LabEvent, LabEventKind } from "../control/index.ts";
import type { KeptDocument } from "../state/index.ts";

/** What happened to the lab, in order; the oldest is forgotten beyond {@link EVENTS_MAX}. */
export interface EventBook {
  record(kind: LabEventKind, object: string, message: string): void;
  all(): readonly LabEvent[];
}

export const EVENTS_MAX = 1_000;

export function createEventBook(clock: Pick<Clock, "now">, kept: KeptDocument<readonly LabEvent[]>): EventBook {
  let events: readonly LabEvent[] = kept.saved ?? [];
  return {
    record(kind, object, message) {
      events = [...events.slice(1 - EVENTS_MAX), { at: new Date(clock.now()).toISOString(), kind, object, message }];
      kept.keep(events);
    },
    all: () => events,
  };
}
