import type { RecordedChange, RecordedWorkload } from "../workloads/workload.ts";
import { parseIsoTime } from "./time-text.ts";

/** Something wrong with a line, counted from 1. */
export interface CsvProblem {
  readonly line: number;
  readonly message: string;
}

export type CountsFromCsv =
  /** `durationMs` is the time of the last line. */
  | { readonly ok: true; readonly workload: RecordedWorkload; readonly durationMs: number }
  | { readonly ok: false; readonly problems: readonly CsvProblem[] };

const HEADER = /^\s*time\s*,/i;
/** Seconds from here on (September 2001) are counted since 1970, those below since the start of the record. */
const UNIX_SECONDS_MIN = 1_000_000_000;
const HOW = "write time,+,count or time,-,count, the time in seconds since the start or as 2026-03-01T12:00:00Z";

interface Line {
  readonly line: number;
  readonly timeMs: number;
  readonly isSinceStart: boolean;
  readonly pods: number;
}

/**
 * Reads a record of pods that come and go: lines of `time,+,count` and `time,-,count` in order of time. Times are seconds since the start, seconds since
 * 1970 or ISO 8601, the same in all lines; the last two begin with the first line. A heading, empty lines and lines that begin with `#` are passed over.
 */
export function readCountsCsv(text: string, name = "recorded"): CountsFromCsv {
  const read = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap((content, index) => (isPassedOver(content, index) ? [] : [readLine(content, index + 1)]));
  const lines = read.filter((line): line is Line => "pods" in line);
  const problems = read.filter((line): line is CsvProblem => "message" in line);
  if (read.length === 0) problems.push({ line: 1, message: `there is nothing in it: ${HOW}` });
  if (problems.length === 0) problems.push(...orderProblems(lines));
  if (problems.length > 0) return { ok: false, problems };
  const zeroMs = lines[0]?.isSinceStart === true ? 0 : (lines[0]?.timeMs ?? 0);
  const changes = lines.map(({ timeMs, pods }): RecordedChange => ({ atMs: Math.round(timeMs - zeroMs), pods }));
  return { ok: true, workload: { kind: "recorded", name, changes }, durationMs: changes.at(-1)?.atMs ?? 0 };
}

function isPassedOver(content: string, index: number): boolean {
  return content.trim() === "" || content.startsWith("#") || (index === 0 && HEADER.test(content));
}

function readLine(content: string, line: number): Line | CsvProblem {
  const fields = content.split(",").map((field) => field.trim());
  const [time = "", sign = "", count = ""] = fields;
  if (fields.length !== 3) return { line, message: `${JSON.stringify(content)} has ${fields.length} fields, not 3: ${HOW}` };
  const read = readTime(time);
  if (read === undefined) return { line, message: `${JSON.stringify(time)} is no time: ${HOW}` };
  if (sign !== "+" && sign !== "-") return { line, message: `${JSON.stringify(sign)} is neither + nor -: ${HOW}` };
  if (!/^\d{1,9}$/.test(count)) return { line, message: `${JSON.stringify(count)} is not a number of pods: ${HOW}` };
  return { line, ...read, pods: sign === "+" ? Number(count) : 0 - Number(count) };
}

function readTime(text: string): Pick<Line, "timeMs" | "isSinceStart"> | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return { timeMs: Number(text) * 1_000, isSinceStart: Number(text) < UNIX_SECONDS_MIN };
  const timeMs = parseIsoTime(text);
  return timeMs === undefined ? undefined : { timeMs, isSinceStart: false };
}

/** The first line that contradicts those before; what follows it would only repeat that. */
function orderProblems(lines: readonly Line[]): readonly CsvProblem[] {
  let running = 0;
  for (const [index, { line, timeMs, isSinceStart, pods }] of lines.entries()) {
    const before = lines[index - 1];
    if (before !== undefined && before.isSinceStart !== isSinceStart)
      return [{ line, message: `its time is counted from another day than that of line ${before.line}: write all times the same way` }];
    if (before !== undefined && before.timeMs > timeMs)
      return [{ line, message: `it is earlier than line ${before.line}: sort the lines by time` }];
    running += pods;
    if (running < 0)
      return [
        {
          line,
          message: `it ends ${-pods} pods when ${running - pods} run: a record begins with the pods that run (a line with + at its first time)`,
        },
      ];
  }
  return [];
}
