import type { Millis } from "@slash28/ports";

/** A time as the API writes it: RFC 3339, whole seconds, UTC. */
export function timeText(time: Millis): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** `undefined` for what is no time. */
export function timeOf(text: string | undefined): Millis | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}
