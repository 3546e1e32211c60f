import type { Log, LogFields } from "@slash28/ports";

/** Lines as CoreDNS writes them: `[INFO] plugin/reload: …`; fields follow as `name=value`. */
export function createLineLog(write: (line: string) => void, area = ""): Log {
  const line = (level: string, message: string, fields: LogFields = {}): void => {
    const values = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [` ${name}=${JSON.stringify(value)}`]));
    write(`[${level}] ${area}${message}${values.join("")}\n`);
  };
  return {
    debug: () => undefined,
    info: (message, fields) => line("INFO", message, fields),
    warn: (message, fields) => line("WARNING", message, fields),
    error: (message, fields) => line("ERROR", message, fields),
    child: (fields) => createLineLog(write, `${String(fields["plugin"] ?? "")}: `),
  };
}
