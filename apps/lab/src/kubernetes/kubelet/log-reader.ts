import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Clock } from "@slash28/ports";
import type { LogOptions } from "../pod-runtime.ts";
import { readLogLine, selectLines, shownLine } from "./log-lines.ts";
import type { LogLine } from "./log-lines.ts";

export interface LogFile {
  readonly path: string;
  /** Whether more may still be written. */
  readonly isLive: () => boolean;
}

const LOOK_EVERY_MS = 100;

/** A container's log as a stream: what is there, and with `follow` what comes, until the container or the reader ends. */
export function readLog(file: LogFile, options: LogOptions, clock: Clock, signal: AbortSignal): Readable {
  return Readable.from(limited(lines(file, options, clock, signal), options.limitBytes), { objectMode: false });
}

async function* lines(file: LogFile, options: LogOptions, clock: Clock, signal: AbortSignal): AsyncGenerator<Buffer> {
  const older = await readAll(`${file.path}.1`);
  let source = await openOrNone(file.path);
  try {
    const first = source === undefined ? [] : await source.next();
    for (const line of selectLines([...older, ...first], options, clock.now())) yield Buffer.from(shownLine(line, options.timestamps));
    while (options.follow && !signal.aborted) {
      const isLast = !file.isLive();
      source ??= await openOrNone(file.path);
      const more = source === undefined ? [] : await source.next();
      for (const line of more) yield Buffer.from(shownLine(line, options.timestamps));
      if (more.length > 0) continue;
      if (isLast) return;
      if (source !== undefined && (await source.isReplaced(file.path))) {
        await source.close();
        source = undefined;
      } else {
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    }
  } finally {
    await source?.close();
  }
}

async function* limited(chunks: AsyncIterable<Buffer>, limit: number | undefined): AsyncGenerator<Buffer> {
  let left = limit ?? Infinity;
  for await (const chunk of chunks) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= chunk.length;
    if (left <= 0) return;
  }
}

interface LineSource {
  /** Whole lines written since the last call. */
  next(): Promise<readonly LogLine[]>;
  /** The file at the path is another one by now. */
  isReplaced(path: string): Promise<boolean>;
  close(): Promise<void>;
}

async function openOrNone(path: string): Promise<LineSource | undefined> {
  const handle = await open(path, "r").catch(() => undefined);
  return handle === undefined ? undefined : lineSource(handle);
}

async function readAll(path: string): Promise<readonly LogLine[]> {
  const source = await openOrNone(path);
  const all = (await source?.next()) ?? [];
  await source?.close();
  return all;
}

function lineSource(handle: FileHandle): LineSource {
  let at = 0;
  let rest: Buffer = Buffer.alloc(0);
  return {
    async next() {
      const chunk = Buffer.alloc(1 << 18);
      const parts = [rest];
      for (;;) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        parts.push(Buffer.from(chunk.subarray(0, bytesRead)));
      }
      const bytes = Buffer.concat(parts);
      const end = bytes.lastIndexOf(0x0a) + 1;
      rest = bytes.subarray(end);
      return end === 0
        ? []
        : bytes
            .toString("utf8", 0, end - 1)
            .split("\n")
            .map(readLogLine);
    },
    async isReplaced(path) {
      const now = await open(path, "r").catch(() => undefined);
      if (now === undefined) return false;
      const [mine, theirs] = [await handle.stat(), await now.stat()];
      await now.close();
      return mine.ino !== theirs.ino;
    },
    close: () => handle.close(),
  };
}
