import { readFileSync } from "node:fs";
import { usageError } from "../output/index.ts";

/** Reads an env file. What cannot be read is a usage error. */
export function readEnvFile(path: string): Readonly<Record<string, string>> {
  return parseEnvFile(textOf(path), path);
}

/**
 * KEY=VALUE lines, as `kubectl set env --list` prints them. The value is the rest of the line as it stands; empty lines and lines that start
 * with `#` are skipped. Anything else, and a variable with two values, is a usage error that names the line; `name` stands for the file.
 */
export function parseEnvFile(text: string, name: string): Readonly<Record<string, string>> {
  const found = new Map<string, { readonly value: string; readonly line: number }>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = index + 1;
    const content = raw.replace(/\r$/, "");
    if (content.trim() === "" || content.startsWith("#")) continue;
    const place = `${name}:${line}`;
    const [, variable, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(content) ?? [];
    if (variable === undefined || value === undefined) throw usageError(`${place}: ${JSON.stringify(content)} is not KEY=VALUE`);
    if (/^(["']).*\1$/.test(value)) throw usageError(`${place}: the quotes would be part of ${variable}'s value; leave them out`);
    const before = found.get(variable);
    if (before !== undefined && before.value !== value)
      throw usageError(`${place}: ${variable} is ${JSON.stringify(before.value)} in line ${before.line} already`);
    found.set(variable, before ?? { value, line });
  }
  return Object.fromEntries([...found].map(([variable, { value }]) => [variable, value]));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "there is no such file" : String(cause);
    throw usageError(`cannot read the env file ${path}: ${reason}`);
  }
}
