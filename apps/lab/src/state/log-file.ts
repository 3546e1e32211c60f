import { closeSync, existsSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

/** A log's file cannot be read: somebody changed it, or the disk did. */
export class DamagedLog extends Error {
  override readonly name = "DamagedLog";
}

/**
 * A file of JSON records, one to a line. A record that was being written when the process died, at the end and without its line end, was
 * never answered for and is dropped; damage anywhere else is an error, since what follows would be built on a hole.
 */
export interface LogFile {
  readonly saved: readonly unknown[];
  append(record: unknown): void;
  rewrite(records: Iterable<unknown>): void;
  /** Brings what was appended to the disk: until then it survives the process, but not the machine. */
  sync(): void;
  close(): void;
}

/** Opens it, and makes it where there is none. Throws {@link DamagedLog}. */
export function openLogFile(path: string): LogFile {
  const { records, bytes } = existsSync(path) ? readLog(readFileSync(path), path) : { records: [], bytes: 0 };
  let fd = openSync(path, "a", 0o600);
  ftruncateSync(fd, bytes);
  let isDirty = false;
  return {
    saved: records,
    append(record) {
      writeSync(fd, `${JSON.stringify(record)}\n`);
      isDirty = true;
    },
    rewrite(all) {
      const next = openSync(`${path}.new`, "w", 0o600);
      for (const part of chunks(all)) writeSync(next, part);
      fsyncSync(next);
      renameSync(`${path}.new`, path);
      closeSync(fd);
      fd = next;
      isDirty = false;
    },
    sync() {
      if (isDirty) fdatasyncSync(fd);
      isDirty = false;
    },
    close() {
      if (isDirty) fdatasyncSync(fd);
      closeSync(fd);
    },
  };
}

const CHUNK_LENGTH = 1 << 16;

function* chunks(records: Iterable<unknown>): Iterable<string> {
  let text = "";
  for (const record of records) {
    text += `${JSON.stringify(record)}\n`;
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

/** The whole records of a log's file, and where they end. Throws {@link DamagedLog}. */
export function readLog(content: Buffer, path: string): { readonly records: readonly unknown[]; readonly bytes: number } {
  const bytes = content.lastIndexOf(0x0a) + 1;
  const lines = content.subarray(0, bytes).toString("utf8").split("\n").slice(0, -1);
  const records = lines.map((line, index): unknown => {
    try {
      return JSON.parse(line);
    } catch {
      throw new DamagedLog(`${path}, line ${index + 1}, is not a record`);
    }
  });
  return { records, bytes };
}
