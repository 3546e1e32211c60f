import { readFileSync } from "node:fs";
import type { FreeCount } from "@slash28/advisor";
import { usageError } from "../output/index.ts";

/** Names that a column may have, in any case. */
const COLUMNS = {
  time: ["time", "timestamp", "date"],
  subnet: ["subnet", "subnetid", "subnet_id"],
  free: ["free", "availableipaddresscount", "available"],
} as const;

/** Reads a CSV file with a head: times as ISO 8601, or in seconds or milliseconds since the epoch; other columns are passed over. */
export function historyOfCsv(path: string): readonly FreeCount[] {
  const lines = textOf(path)
    .split(/\r?\n/)
    .map((line, index) => ({ cells: line.split(",").map(unquoted), number: index + 1, isEmpty: line.trim() === "" }))
    .filter(({ isEmpty }) => !isEmpty);
  const [head, ...rows] = lines;
  const names = head?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const at = (column: keyof typeof COLUMNS): number => {
    const index = names.findIndex((name) => COLUMNS[column].some((known) => known === name));
    if (index < 0) throw usageError(`${path}:1: there is no column ${column}; its first line must name time, subnet and free`);
    return index;
  };
  const [time, subnet, free] = [at("time"), at("subnet"), at("free")];
  if (rows.length === 0) throw usageError(`${path} has no line but its head`);
  return rows.map(({ cells, number }) => {
    const atMs = timeOf(cells[time] ?? "");
    const count = cells[free] ?? "";
    const name = cells[subnet] ?? "";
    if (atMs === undefined)
      throw usageError(`${path}:${number}: ${JSON.stringify(cells[time] ?? "")} is no time, such as 2026-01-02T03:04:05Z`);
    if (!/^\d{1,10}$/.test(count)) throw usageError(`${path}:${number}: ${JSON.stringify(count)} is no count of addresses`);
    if (name === "") throw usageError(`${path}:${number}: it names no subnet`);
    return { subnet: name, atMs, free: Number(count) };
  });
}

function timeOf(text: string): number | undefined {
  if (/^\d{9,10}(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (/^\d{12,13}$/.test(text)) return Number(text);
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, "$1");
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw usageError(`cannot read ${path}`);
  }
}
