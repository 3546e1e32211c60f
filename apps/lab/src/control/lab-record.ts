import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Which process supervises the lab, and what it goes by: enough to stop it and to clean up after it. */
export interface LabRecord {
  readonly pid: number;
  /** The process's start in clock ticks after boot: a recycled pid is told apart by it. */
  readonly startTicks: string;
  readonly name: string;
}

export function writeRecord(path: string, record: LabRecord): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The record, or nothing where there is none or it is damaged: cleaning up then goes by names alone. */
export function readRecord(path: string): LabRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A process's start time from /proc/<pid>/stat (proc(5), field 22); nothing when there is no such process, or only what is left of one. */
export function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended; its parent has not asked how.
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Whether the recorded supervisor still runs. */
export function isAlive(record: LabRecord): boolean {
  if (process.platform === "linux") return startTicksOf(record.pid) === record.startTicks;
  try {
    return process.kill(record.pid, 0);
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is LabRecord {
  if (typeof value !== "object" || value === null) return false;
  const { pid, startTicks, name } = value as Partial<Record<keyof LabRecord, unknown>>;
  return typeof pid === "number" && typeof startTicks === "string" && typeof name === "string";
}
