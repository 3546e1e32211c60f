import * as nodeFiles from "node:fs/promises";
import { Fault, type Journal, type LoadedJournal } from "@slash28/ports";
import { journalFile, textOf, type JournalFiles } from "./journal-file.ts";
import { decodeJournal, encodeEntry } from "./journal-line.ts";

export type { JournalFiles, JournalHandle } from "./journal-file.ts";

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * A journal in one file, a line per entry. Entries appended while a flush is under way, or in one tick, are written together and
 * share one `fdatasync`. The directory must exist. One process at a time.
 * @param now names copies of a damaged file.
 */
export function createFileJournal(path: string, files: JournalFiles = nodeFiles, now: () => number = Date.now): Journal {
  const file = journalFile(path, files);
  /** The batch that still takes entries; it closes when its turn to be written comes, or when something else is put after it. */
  let open: Waiting[] | undefined;
  /** Everything that touches the file, one after another. */
  let tail: Promise<unknown> = Promise.resolve();

  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    // Whatever is appended from now on comes after this work, so it may not join a batch that is written before it.
    open = undefined;
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  }

  async function flush(batch: Waiting[]): Promise<void> {
    if (open === batch) open = undefined;
    try {
      await file.append(batch.map(({ line }) => line).join(""));
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      for (const { reject } of batch) reject(cause);
    }
  }

  function append(entry: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { line: encodeEntry(entry), resolve, reject };
      if (open !== undefined) return void open.push(waiting);
      const batch = [waiting];
      void inOrder(() => flush(batch));
      open = batch;
    });
  }

  return {
    load: () => inOrder(() => loadEntries(files, path)),
    append,
    rewrite: (entries) => inOrder(() => file.rewrite(entries.map(encodeEntry).join(""))),
    keepCopy: () =>
      inOrder(async () => {
        const copy = `${path}.damaged-${new Date(now()).toISOString().replace(/\.\d+|[-:]/g, "")}`;
        await file.copyTo(copy);
        return copy;
      }),
    close: () => inOrder(() => file.close()),
  };
}

async function loadEntries(files: JournalFiles, path: string): Promise<LoadedJournal> {
  try {
    const { entries, damage } = decodeJournal(textOf(await files.readFile(path)));
    return damage === undefined ? { entries } : { entries, damage };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return { entries: [] };
    throw new Fault("JOURNAL_UNREADABLE", { path, detail: (cause as Error).message }, { cause });
  }
}
