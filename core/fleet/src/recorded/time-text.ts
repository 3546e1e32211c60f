const ISO = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since 1970 of a time as Kubernetes and most tools write it, `2026-03-01T12:00:00Z`; `undefined` for anything else. */
export function parseIsoTime(text: string): number | undefined {
  const [, day] = ISO.exec(text) ?? [];
  if (day === undefined) return undefined;
  const ms = dateOf(text);
  const midnight = dateOf(`${day}T00:00:00Z`);
  // The 30th of February is read as a day in March.
  return ms === undefined || midnight === undefined || !isDay(day, midnight) ? undefined : ms;
}

function isDay(day: string, midnightMs: number): boolean {
  // oxlint-disable-next-line no-restricted-globals -- writes a given time, reads no clock
  return new Date(midnightMs).toISOString().startsWith(day);
}

function dateOf(text: string): number | undefined {
  // oxlint-disable-next-line no-restricted-globals -- reads text, not a clock
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
