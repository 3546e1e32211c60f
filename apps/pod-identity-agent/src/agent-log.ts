import type { Log } from "@slash28/ports";
import { destination, pino, type Logger } from "pino";
import type { Verbosity } from "./flags.ts";

/** JSON lines on stdout, as upstream's: level, msg, time and the fields. */
export function createAgentLog(verbosity: Verbosity): Log {
  return logOf(
    pino(
      {
        level: verbosity === "panic" ? "fatal" : verbosity,
        base: null,
        messageKey: "msg",
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      // The last lines of a program that ends are the ones that are read.
      destination({ fd: 1, sync: true }),
    ),
  );
}

function logOf(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    child: (fields) => logOf(logger.child(fields)),
  };
}
