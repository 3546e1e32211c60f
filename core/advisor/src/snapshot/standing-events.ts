import type { SeenEvent } from "./kubernetes-objects.ts";
import type { Snapshot } from "./snapshot.ts";

/** What an agent of this house puts after a reason once it is over. */
const RESOLVED = "Resolved";

/** Events of these reasons that none about the same object says are over. The VPC CNI takes nothing back: its events stand until Kubernetes forgets them. */
export function standingEvents({ events = [] }: Snapshot, reasons: RegExp): readonly SeenEvent[] {
  const over = events.filter(({ reason }) => reason.endsWith(RESOLVED));
  return events.filter(
    (event) => reasons.test(event.reason) && !event.reason.endsWith(RESOLVED) && !over.some((each) => ends(each, event)),
  );
}

function ends(later: SeenEvent, event: SeenEvent): boolean {
  return (
    later.reason === `${event.reason}${RESOLVED}` &&
    later.about.kind === event.about.kind &&
    later.about.name === event.about.name &&
    (later.at ?? "") >= (event.at ?? "")
  );
}
