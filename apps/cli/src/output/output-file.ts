import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { usageError } from "./command-error.ts";

/** A file that a command will write when it is done, and can. */
export interface OutputFile {
  /** Puts the whole text in place at once. */
  write(text: string): void;
  /** Leaves nothing behind, whatever happened. */
  discard(): void;
}

/** Makes sure before long work that the file can be written. What is there already stays until then. */
export function prepareOutputFile(path: string, flag: string): OutputFile {
  const kind = kindOf(path);
  if (kind === "folder") throw usageError(`cannot write ${flag} ${path}: it is a folder`);
  // A pipe or a terminal is written to as it is.
  if (kind === "other") return { write: (text) => writeFileSync(path, text), discard: () => undefined };
  const draft = `${path}.${process.pid}.part`;
  try {
    closeSync(openSync(draft, "wx"));
  } catch (cause) {
    throw usageError(`cannot write ${flag} ${path}: ${reasonOf(cause)}`);
  }
  return {
    write: (text) => {
      writeFileSync(draft, text);
      renameSync(draft, path);
    },
    discard: () => rmSync(draft, { force: true }),
  };
}

function kindOf(path: string): "none" | "file" | "folder" | "other" {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "none";
  return found.isDirectory() ? "folder" : found.isFile() ? "file" : "other";
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return "its folder is not there";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "its folder may not be written to";
  return cause instanceof Error ? cause.message : String(cause);
}
