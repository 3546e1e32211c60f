import { createJsonLog, stdoutNow } from "@slash28/log";
import type { Log } from "@slash28/ports";
import type { Verbosity } from "./flags.ts";

/** JSON lines on stdout, as upstream's: level, time, msg and the fields. */
export function createAgentLog(verbosity: Verbosity): Log {
  return createJsonLog({ level: verbosity === "panic" ? "fatal" : verbosity, timeKey: "time", streams: [stdoutNow()] });
}
