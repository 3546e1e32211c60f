import type { Log, LogFields } from "@slash28/ports";

type Level = "debug" | "info" | "warn" | "error";

/** A log of JSON lines, one per message; `write` takes a line. */
export function jsonLog(write: (line: string) => void, now: () => Date, bound: LogFields = {}): Log {
  const say =
    (level: Level) =>
    (msg: string, fields: LogFields = {}) =>
      write(`${JSON.stringify({ level, ts: now().toISOString(), msg, ...bound, ...fields })}\n`);
  return {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    child: (fields) => jsonLog(write, now, { ...bound, ...fields }),
  };
}
