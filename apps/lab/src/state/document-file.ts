import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

/** The JSON in a file; `undefined` when there is no such file. Throws when it is not JSON. */
export function readDocument(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw cause;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON`);
  }
}

/** Puts the value in the file's place at once: whoever reads it, after any crash, finds the old value or the new one. */
export function writeDocument(path: string, value: unknown): void {
  const fd = openSync(`${path}.new`, "w", 0o600);
  writeSync(fd, JSON.stringify(value));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${path}.new`, path);
}
