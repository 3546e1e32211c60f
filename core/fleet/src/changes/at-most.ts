import type { EventQueue } from "../time/event-queue.ts";
import { begin, type Steps } from "../time/steps.ts";

/** Does the work for each of these, so many at the same time. */
export function atMost<T>(queue: EventQueue, width: number, items: readonly T[], work: (item: T) => Steps<void>): void {
  let next = 0;
  const lane = function* (): Steps<void> {
    for (let item = items[next++]; item !== undefined; item = items[next++]) yield* work(item);
  };
  for (let i = 0; i < Math.max(1, width); i++) begin(queue, lane(), () => undefined);
}
