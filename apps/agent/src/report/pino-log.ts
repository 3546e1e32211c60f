import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "@slash28/ports";
import { destination, multistream, pino, type DestinationStream, type Logger } from "pino";
import { gatherLines } from "./line-gatherer.ts";

export interface PinoLogOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "fatal";
  /** Also written here, when the folder can be made: `AWS_VPC_K8S_CNI_LOG_FILE`; `stdout` adds nothing. */
  readonly file?: string;
}

/** JSON lines on stdout, as upstream's: level, ts, msg and the fields. What `kubectl logs` shows. */
export function createPinoLog(options: PinoLogOptions): Log {
  const settings = {
    level: options.level,
    base: null,
    messageKey: "msg",
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const stdout = gathered(destination({ fd: 1, sync: true }));
  const file = options.file === undefined || options.file === "stdout" ? undefined : openFile(options.file);
  if (file === undefined) return logOf(pino(settings, stdout));
  return logOf(
    pino(
      settings,
      multistream([
        { level: options.level, stream: stdout },
        { level: options.level, stream: file },
      ]),
    ),
  );
}

function openFile(path: string): DestinationStream | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return gathered(destination({ dest: path, sync: true, append: true }));
  } catch {
    return undefined;
  }
}

/** The last lines of an agent that ends are the ones that are read: they are written before it does. */
function gathered(stream: DestinationStream): DestinationStream {
  const lines = gatherLines((text) => stream.write(text));
  process.on("exit", () => lines.flush());
  return lines;
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
