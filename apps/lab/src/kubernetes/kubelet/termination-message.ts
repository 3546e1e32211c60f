import { chmodSync, closeSync, fstatSync, openSync, readSync, writeFileSync } from "node:fs";
import { readLogLine } from "./log-lines.ts";
import type { Container } from "./pod.ts";

const MESSAGE_BYTES = 4_096;
/** Of the log, where it stands in for a message. */
const LOG_BYTES = 2_048;
const LOG_LINES = 80;

export const MESSAGE_PATH = "/dev/termination-log";

/** An empty file for a container to leave a word in. */
export function newMessageFile(path: string): void {
  writeFileSync(path, "");
  chmodSync(path, 0o666);
}

/** What a container left to say, or the end of its log where it asked for that. https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
export function terminationMessage(
  container: Container,
  files: { readonly message: string; readonly log: string },
  code: number,
): string | undefined {
  const said = endOf(files.message, MESSAGE_BYTES);
  if (said !== "") return said;
  if (container.terminationMessagePolicy !== "FallbackToLogsOnError" || code === 0) return undefined;
  // A line of the log has a time and a stream before its text.
  const lines = endOf(files.log, LOG_BYTES * 4)
    .split("\n")
    .slice(-LOG_LINES - 1);
  const text = lines
    .filter((line) => line !== "")
    .map((line) => readLogLine(line).text)
    .join("\n");
  return text === "" ? undefined : text.slice(-LOG_BYTES);
}

function endOf(path: string, bytes: number): string {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const chunk = Buffer.alloc(Math.min(size, bytes));
      readSync(file, chunk, 0, chunk.length, size - chunk.length);
      return chunk.toString("utf8");
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
