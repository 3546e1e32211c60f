import { Fault, type Journal } from "@slash28/ports";
import type { WarningEvents } from "./warning-events.ts";

/** The journal, with its failures told to operators, whoever met them. */
export function watchedJournal(journal: Journal, path: string, events: WarningEvents): Journal {
  const watch = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const result = await work;
      events.over("JOURNAL_FAILED", path);
      return result;
    } catch (cause) {
      if (cause instanceof Fault) events.happened(cause);
      throw cause;
    }
  };
  return {
    load: () => watch(journal.load()),
    keepCopy: () => watch(journal.keepCopy()),
    append: (entry) => watch(journal.append(entry)),
    rewrite: (entries) => watch(journal.rewrite(entries)),
    close: () => journal.close(),
  };
}
