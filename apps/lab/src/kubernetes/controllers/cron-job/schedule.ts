import { Cron } from "croner";
import type { Millis } from "@slash28/ports";

/** When a cron line is due. */
export type Schedule =
  | {
      readonly ok: true;
      /** The first time after this one; `undefined` when there is none. */
      readonly next: (after: Millis) => Millis | undefined;
      /** The last time after `from` and not after `until`. */
      readonly last: (from: Millis, until: Millis) => Missed;
    }
  | { readonly ok: false; readonly reason: "UnparseableSchedule" | "UnknownTimeZone"; readonly why: string };

/** `time`: the last one due; `isMany`: more than a hundred were. */
export interface Missed {
  readonly time: Millis | undefined;
  readonly isMany: boolean;
}

/** Upstream warns when more starts than this were missed. */
const MANY = 100;
const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** Reads a schedule as Kubernetes writes it: five fields, or a macro; in UTC unless a time zone is named. */
export function parseSchedule(line: string, timeZone: string | undefined): Schedule {
  const every = /^@every (\d+(?:ms|[smh]))+$/.test(line) ? everyMs(line) : undefined;
  if (every !== undefined && every > 0) return everySchedule(every);
  const zone = timeZone ?? "UTC";
  if (!isTimeZone(zone)) return { ok: false, reason: "UnknownTimeZone", why: `invalid timeZone: "${zone}"` };
  const fields = MACROS[line] ?? line.trim();
  if (fields.split(/\s+/).length !== 5) {
    return { ok: false, reason: "UnparseableSchedule", why: `unparseable schedule: ${line}: expected exactly 5 fields` };
  }
  try {
    const cron = new Cron(fields, { timezone: zone, paused: true });
    const next = (after: Millis): Millis | undefined => cron.nextRun(new Date(after))?.getTime();
    return { ok: true, next, last: (from, until) => lastDue(cron, from, until) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: "UnparseableSchedule", why: `unparseable schedule: ${line}: ${why}` };
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The last time due in (from, until], looked for backwards: a lab that slept for a month does not count every minute of it. */
function lastDue(cron: Cron, from: Millis, until: Millis): Missed {
  const [last] = cron.previousRuns(1, new Date((Math.floor(until / 1_000) + 1) * 1_000));
  if (last === undefined || last.getTime() <= from) return { time: undefined, isMany: false };
  let count = 0;
  for (let due = cron.nextRun(new Date(from)); due !== null && due <= last && count <= MANY; due = cron.nextRun(due)) count++;
  return { time: last.getTime(), isMany: count > MANY };
}

function everyMs(line: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  return [...line.matchAll(/(\d+)(ms|[smh])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}

function everySchedule(everyMs: number): Schedule {
  const next = (after: Millis): Millis => after + everyMs;
  return {
    ok: true,
    next,
    last: (from, until) => {
      const count = Math.floor((until - from) / everyMs);
      return { time: count > 0 ? from + count * everyMs : undefined, isMany: count > MANY };
    },
  };
}
