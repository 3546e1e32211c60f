import type { Log } from "@slash28/ports";
import { destination, multistream, pino, type DestinationStream, type Logger } from "pino";
import { gatherLines } from "./line-gatherer.ts";
import { openRotatingFile, UPSTREAM_ROTATION } from "./rotating-file.ts";

export interface PinoLogOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "fatal";
  /** Also written here: `AWS_VPC_K8S_CNI_LOG_FILE`. `stdout` and `stderr` add nothing. */
  readonly file?: string;
  /** The file is put aside once it is this long, in bytes; absent: upstream's 100 MiB. */
  readonly fileMaxBytes?: number;
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
  const toStdout = logOf(pino(settings, stdout));
  const { file } = options;
  if (file === undefined || file === "stdout" || file === "stderr") return toStdout;
  const stream = fileStream(file, options.fileMaxBytes, toStdout);
  if (stream === undefined) return toStdout;
  return logOf(
    pino(
      settings,
      multistream([
        { level: options.level, stream: stdout },
        { level: options.level, stream },
      ]),
    ),
  );
}

/** A file that cannot be written costs the file, not the agent. */
function fileStream(path: string, maxBytes: number | undefined, log: Log): DestinationStream | undefined {
  const onError = (cause: unknown): void => log.error("the log file takes no lines", { path, cause: String(cause) });
  try {
    return gathered(
      openRotatingFile({ ...UPSTREAM_ROTATION, ...(maxBytes === undefined ? {} : { maxBytes }), path, now: Date.now, onError }),
    );
  } catch (cause) {
    onError(cause);
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
