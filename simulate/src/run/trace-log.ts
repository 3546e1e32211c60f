import type { Log, LogFields } from "@slash28/ports";

/** The agent's log as lines of a trace. */
export function createTraceLog(write: (line: string) => void): Log {
  const say =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const told = Object.entries(fields).filter(([name, value]) => value !== undefined && name !== "stack");
      write(`    ${level}: ${[message, ...told.map(([name, value]) => `${name}=${value}`)].join(" ")}`);
    };
  const log: Log = { debug: () => undefined, info: say("info"), warn: say("warn"), error: say("error"), child: () => log };
  return log;
}
