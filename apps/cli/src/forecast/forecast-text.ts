import type { SubnetForecast } from "@slash28/advisor";
import { renderTable, type Column } from "../output/index.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const COLUMNS: readonly Column<SubnetForecast>[] = [
  { head: "subnet", cell: ({ subnet }) => subnet },
  { head: "free", cell: ({ free }) => free, align: "right" },
  { head: "counts", cell: ({ counts }) => counts, align: "right" },
  { head: "over", cell: ({ spanMs }) => duration(spanMs), align: "right" },
  { head: "change a day", cell: changeOf, align: "right" },
  { head: "runs out", cell: outlookOf },
];

/** Forecasts as a person reads them; what the counts do not tell is said, not guessed. */
export function forecastText(forecasts: readonly SubnetForecast[]): string {
  const far = forecasts.filter(({ outlook }) => outlook.kind === "runs-out" && outlook.timesTheHistory > 1);
  const few = forecasts.some(({ changePerDayInterval, changePerDay }) => changePerDayInterval === undefined && changePerDay !== undefined);
  return [
    renderTable(COLUMNS, forecasts),
    ...(far.length === 0 && !few ? [] : [""]),
    ...(far.length === 0 ? [] : ["*: further ahead than the counts reach back; so only if all goes on as it did"]),
    ...(few ? ["no interval: it takes five counts of a subnet at least"] : []),
  ].join("\n");
}

function changeOf({ changePerDay, changePerDayInterval }: SubnetForecast): string {
  if (changePerDay === undefined) return "?";
  const interval =
    changePerDayInterval === undefined ? "" : ` (${rounded(changePerDayInterval.low)} to ${rounded(changePerDayInterval.high)})`;
  return `${rounded(changePerDay)}${interval}`;
}

function outlookOf({ outlook, changePerDayInterval }: SubnetForecast): string {
  switch (outlook.kind) {
    case "out-now":
      return "now";
    case "unknown":
      return "unknown: one count";
    case "not-in-sight":
      return outlook.earliestMs === undefined ? "not in sight" : `not in sight; at worst ${time(outlook.earliestMs)}`;
    case "runs-out": {
      const mark = outlook.timesTheHistory > 1 ? "*" : "";
      if (changePerDayInterval === undefined) return `${time(outlook.atMs)}${mark}, no interval`;
      const late = outlook.latestMs === undefined ? "maybe never" : time(outlook.latestMs);
      return `${time(outlook.atMs)}${mark} (${time(outlook.earliestMs ?? outlook.atMs)} to ${late})`;
    }
    default:
      return outlook satisfies never;
  }
}

/** To the minute, in UTC. */
function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")}Z`;
}

function duration(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.round(ms / DAY_MS)} d`;
  return ms >= 2 * HOUR_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / 60_000)} min`;
}

function rounded(value: number): string {
  const text = Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(1);
  return value > 0 ? `+${text}` : text;
}
