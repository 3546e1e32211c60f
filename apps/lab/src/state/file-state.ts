import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readDocument, writeDocument } from "./document-file.ts";
import type { KeptDocument, KeptLog, StateStore } from "./kept-document.ts";
import { openLogFile, type LogFile } from "./log-file.ts";
import { COMPLETE, DISKS, STATE_FORMAT } from "./state-folder.ts";

const SYNC_EVERY_MS = 1_000;
const NAME = /^[a-z0-9][a-z0-9.-]*$/;

/**
 * Keeps state in a folder: a file per document, and one per log. Nothing that was kept is lost when the process is killed; when the
 * machine loses power, at most the log records of the last second are.
 */
export function openFileState(folder: string): StateStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const isRestored = existsSync(join(folder, COMPLETE));
  if (!isRestored) rmSync(join(folder, DISKS), { recursive: true, force: true });
  const logs = new Map<string, LogFile>();
  let isClosed = false;
  const timer = setInterval(() => {
    for (const log of logs.values()) log.sync();
  }, SYNC_EVERY_MS);
  timer.unref();
  return {
    isRestored,
    disks: join(folder, DISKS),
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
        append: (record) => void (isClosed || log.append(record)),
        rewrite: (records) => void (isClosed || log.rewrite(records)),
      };
    },
    markComplete: () => writeDocument(join(folder, COMPLETE), { format: STATE_FORMAT }),
    close() {
      isClosed = true;
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
