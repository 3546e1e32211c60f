import { createJsonLog, stdoutNow, type JsonLogOptions, type LogStream } from "@slash28/log";
import type { Log } from "@slash28/ports";
import { gatherLines } from "./line-gatherer.ts";
import { openRotatingFile, UPSTREAM_ROTATION } from "./rotating-file.ts";

export interface AgentLogOptions {
  readonly level: JsonLogOptions["level"];
  /** Also written here: `AWS_VPC_K8S_CNI_LOG_FILE`. `stdout` and `stderr` add nothing. */
  readonly file?: string;
  /** The file is put aside once it is this long, in bytes; absent: upstream's 100 MiB. */
  readonly fileMaxBytes?: number;
}

/** JSON lines on stdout, as upstream's: level, ts, msg and the fields. What `kubectl logs` shows. */
export function createAgentLog({ level, file, fileMaxBytes }: AgentLogOptions): Log {
  const stdout = gathered(stdoutNow());
  const toStdout = createJsonLog({ level, timeKey: "ts", streams: [stdout] });
  if (file === undefined || file === "stdout" || file === "stderr") return toStdout;
  const toFile = fileStream(file, fileMaxBytes, toStdout);
  return toFile === undefined ? toStdout : createJsonLog({ level, timeKey: "ts", streams: [stdout, toFile] });
}

/** A file that cannot be written costs the file, not the agent. */
function fileStream(path: string, maxBytes: number | undefined, log: Log): LogStream | undefined {
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
function gathered(stream: LogStream): LogStream {
  const lines = gatherLines((text) => stream.write(text));
  process.on("exit", () => lines.flush());
  return lines;
}
