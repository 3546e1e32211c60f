import { constants } from "node:fs";
import * as nodeFiles from "node:fs/promises";
import { dirname } from "node:path";
import { Fault } from "@slash28/ports";
import { decodeJournal } from "./journal-line.ts";

const MODE = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND;

/** An open file, as far as a journal needs it. */
export interface JournalHandle {
  write(bytes: Uint8Array, offset: number): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** The file system below a journal: `node:fs/promises`, or a modelled disk that loses power. */
export interface JournalFiles {
  open(path: string, flags: number, mode?: number): Promise<JournalHandle>;
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { readonly force: true }): Promise<void>;
}

/** The file below a journal: whole lines in, on disk when a call resolves. Calls must not overlap. Rejects with `JOURNAL_FAILED`. */
export interface JournalFile {
  append(lines: string): Promise<void>;
  rewrite(lines: string): Promise<void>;
  /** Writes what the file has, damaged or not, to another path. */
  copyTo(copy: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the file at its first use. */
export function journalFile(path: string, files: JournalFiles = nodeFiles): JournalFile {
  let handle: JournalHandle | undefined;
  /** Bytes of whole lines that were accepted. `undefined` at first: the file may end within a line. */
  let goodLength: number | undefined;
  /** Behind those bytes lies what a failed write left. Its lines were refused, whole ones too, and must never be read. */
  let isSpoiled = false;

  async function append(lines: string): Promise<void> {
    handle ??= await openDurably(files, path);
    const before = goodLength ?? (await cutTornTail(files, path, handle));
    goodLength = before;
    await cutSpoiled();
    isSpoiled = true;
    const bytes = Buffer.from(lines);
    await writeAll(handle, bytes);
    await handle.datasync();
    isSpoiled = false;
    goodLength = before + bytes.length;
  }

  async function rewrite(lines: string): Promise<void> {
    const bytes = Buffer.from(lines);
    await cutSpoiled();
    // Whichever file has the name afterwards, should this fail: the open one may no longer be it.
    await close();
    handle = await replaceFile(files, path, bytes);
    goodLength = bytes.length;
  }

  async function close(): Promise<void> {
    await handle?.close();
    handle = undefined;
    goodLength = undefined;
  }

  async function cutSpoiled(): Promise<void> {
    if (isSpoiled) await handle?.truncate(goodLength ?? 0);
    isSpoiled = false;
  }

  return {
    append: (lines) => append(lines).catch((cause: unknown) => fail(path, cause)),
    rewrite: (lines) => rewrite(lines).catch((cause: unknown) => fail(path, cause)),
    copyTo: (copy) => copyFile(files, path, copy).catch((cause: unknown) => fail(copy, cause)),
    close,
  };
}

/** The file's text. Bytes that are no UTF-8 become other characters: no checksum vouches for their line. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

async function copyFile(files: JournalFiles, path: string, copy: string): Promise<void> {
  const handle = await files.open(copy, MODE | constants.O_TRUNC, 0o600);
  try {
    await writeAll(handle, Buffer.from(await files.readFile(path)));
    await handle.sync();
    await syncDirectory(files, copy);
  } finally {
    await handle.close();
  }
}

/** A new file's name is durable only once its directory is. */
async function openDurably(files: JournalFiles, path: string): Promise<JournalHandle> {
  const handle = await files.open(path, MODE, 0o600);
  try {
    await syncDirectory(files, path);
    return handle;
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

/** A line without its end was being written when the power went; appending to it would spoil the next entry. */
async function cutTornTail(files: JournalFiles, path: string, handle: JournalHandle): Promise<number> {
  const text = textOf(await files.readFile(path));
  const length = Buffer.byteLength(text.slice(0, decodeJournal(text).goodLength));
  await handle.truncate(length);
  return length;
}

async function writeAll(handle: JournalHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

/** Writes a new file beside the old one and moves it into its place; one of the two is whole at any moment. */
async function replaceFile(files: JournalFiles, path: string, bytes: Buffer): Promise<JournalHandle> {
  const beside = `${path}.new`;
  const handle = await files.open(beside, MODE | constants.O_TRUNC, 0o600);
  try {
    await writeAll(handle, bytes);
    await handle.sync();
    await files.rename(beside, path);
    await syncDirectory(files, path);
    return handle;
  } catch (cause) {
    await handle.close();
    await files.rm(beside, { force: true });
    throw cause;
  }
}

async function syncDirectory(files: JournalFiles, path: string): Promise<void> {
  const directory = await files.open(dirname(path), constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function fail(path: string, cause: unknown): never {
  throw new Fault("JOURNAL_FAILED", { path, detail: cause instanceof Error ? cause.message : String(cause) }, { cause });
}
