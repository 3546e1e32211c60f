import type { Log } from "@slash28/ports";
import { destination, multistream, pino, type DestinationStream, type Logger } from "pino";

/** Takes a line at a time, with its newline. */
export type LogStream = DestinationStream;

export interface JsonLogOptions {
  /** The least that is written. */
  readonly level: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
  /** The key of each line's time, an ISO 8601 text: programs of upstream differ in it. */
  readonly timeKey: "ts" | "time";
  /** Each gets every line. */
  readonly streams: readonly LogStream[];
}

/** JSON lines: level, time, msg and the fields. */
export function createJsonLog({ level, timeKey, streams }: JsonLogOptions): Log {
  const settings = {
    level,
    base: null,
    messageKey: "msg",
    timestamp: () => `,"${timeKey}":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const [first] = streams;
  // A lone stream is written to without the detour.
  const to = streams.length === 1 && first !== undefined ? first : multistream(streams.map((stream) => ({ level, stream })));
  return logOf(pino(settings, to));
}

/** Standard output, written before a call returns: the last lines of a program that ends are the ones that are read. */
export function stdoutNow(): LogStream {
  return destination({ fd: 1, sync: true });
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
