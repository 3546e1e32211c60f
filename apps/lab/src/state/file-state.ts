import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { readDocument, writeDocument } from "./document-file.ts";
import type { KeptDocument, KeptLog, StateStore } from "./kept-document.ts";
import { openLogFile, type LogFile } from "./log-file.ts";

/** Written last when a lab is made for the first time: a folder without it holds half a lab, which is made anew. */
const COMPLETE = "complete";

const SYNC_EVERY_MS = 1_000;
const NAME = /^[a-z0-9][a-z0-9.-]*$/;

export interface FileState extends StateStore {
  /** Says that what is kept is a whole lab: from now on a lab that starts here goes on from it. */
  markComplete(): void;
}

/**
 * Keeps state in a folder: a file per document, and one per log. Nothing that was kept is lost when the process is killed; when the
 * machine loses power, at most the log records of the last second are.
 */
export function openFileState(folder: string): FileState {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const isRestored = existsSync(join(folder, COMPLETE));
  const logs = new Map<string, LogFile>();
  const timer = setInterval(() => {
    for (const log of logs.values()) log.sync();
  }, SYNC_EVERY_MS);
  timer.unref();
  return {
    isRestored,
    document<T>(name: string): KeptDocument<T> {
      const path = join(folder, `${checkedName(name)}.json`);
      const saved = isRestored ? readDocument(path) : undefined;
      return { saved: saved as T | undefined, keep: (value) => writeDocument(path, value) };
    },
    log<T>(name: string): KeptLog<T> {
      if (logs.has(name)) throw new Error(`the log ${name} is open already`);
      const log = openLogFile(join(folder, `${checkedName(name)}.jsonl`));
      if (!isRestored) log.rewrite([]);
      logs.set(name, log);
      return {
        saved: isRestored ? (log.saved as readonly T[]) : [],
        append: (record) => log.append(record),
        rewrite: (records) => log.rewrite(records),
      };
    },
    markComplete: () => writeDocument(join(folder, COMPLETE), { format: 1 }),
    close() {
      clearInterval(timer);
      for (const log of logs.values()) log.close();
      logs.clear();
    },
  };
}

function checkedName(name: string): string {
  if (!NAME.test(name)) throw new Error(`${name} is not a name for kept state`);
  return name;
}
