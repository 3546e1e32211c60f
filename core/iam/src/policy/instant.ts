const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A value and the bounds it must keep. */
type Bounded = readonly [value: number, min: number, max: number];

/** Milliseconds since the epoch from ISO 8601 text (W3C profile) or a number of epoch seconds, as `Date…` conditions take them. */
export function instantOf(text: string): number | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text) && !/^\d{4}$/.test(text)) return Number(text) * 1000;
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const parts: readonly Bounded[] = [
    [month, 1, 12],
    [day, 1, 31],
    [hour, 0, 24],
    [minute, 0, 59],
    [second, 0, 60],
  ];
  if (parts.some(([value, min, max]) => value < min || value > max)) return undefined;
  const fractionMs = Math.floor(Number(`0.${match[7] ?? "0"}`) * 1000);
  const utc = daysFromCivil(year, month, day) * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + fractionMs;
  return utc - zoneMs(match[8] ?? "Z");
}

function zoneMs(zone: string): number {
  if (zone === "Z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const ms = Number(digits.slice(0, 2)) * 3_600_000 + Number(digits.slice(2)) * 60_000;
  return zone.startsWith("-") ? -ms : ms;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; years start in March so that the leap day comes last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
