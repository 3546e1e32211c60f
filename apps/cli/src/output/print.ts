import { stringify } from "yaml";
import type { OutputFormat, Terminal } from "./terminal.ts";

/** Prints one result in the format asked for: the same data as JSON or YAML, or the text a person reads. */
export function printResult(terminal: Terminal, format: OutputFormat, data: unknown, text: () => string): void {
  switch (format) {
    case "json":
      return terminal.out(JSON.stringify(data, null, 2));
    case "yaml":
      return terminal.out(stringify(data));
    case "table":
      return terminal.out(text());
    default:
      return format satisfies never;
  }
}
