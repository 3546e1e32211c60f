import type { Clock } from "@slash28/ports";
import type { LabEvent, LabEventKind } from "../control/index.ts";
import type { KeptLog } from "../state/index.ts";

/** What happened to the lab, in order; the oldest is forgotten beyond {@link EVENTS_MAX}. */
export interface EventBook {
  record(kind: LabEventKind, object: string, message: string): void;
  all(): readonly LabEvent[];
}

export const EVENTS_MAX = 1_000;

export function createEventBook(clock: Pick<Clock, "now">, kept: KeptLog<LabEvent>): EventBook {
  let events: readonly LabEvent[] = kept.saved.slice(-EVENTS_MAX);
  let written = kept.saved.length;
  return {
    record(kind, object, message) {
      const event: LabEvent = { at: new Date(clock.now()).toISOString(), kind, object, message };
      events = [...events.slice(1 - EVENTS_MAX), event];
      kept.append(event);
      // Written anew once half of it is forgotten.
      if (++written < 2 * EVENTS_MAX) return;
      kept.rewrite(events);
      written = events.length;
    },
    all: () => events,
  };
}
