import type { FleetResult, SeriesRow } from "@slash28/fleet";
import { csvText } from "../output/index.ts";
import type { ComparedRun } from "./comparison.ts";

const FLEET_COLUMNS = ["at_seconds", "nodes", "pods_running", "pods_waiting", "ec2_calls", "ec2_throttled"];
const SUBNET_COLUMNS = ["used", "held", "assigned", "idle", "cooling"];
/** A subnet that is not there yet. */
const NOTHING = { used: 0, held: 0, assigned: 0, cooling: 0 };

/** The time series: a row for each moment, five columns for each subnet (`nodes-a used`). Calls are counted since the start. */
export function seriesCsv({ summary, series }: FleetResult): string {
  const names = summary.subnets.map(({ name }) => name);
  return csvText([headOf(names), ...series.map((row) => [...fleetFields(row), ...names.flatMap((_, at) => subnetFields(row, at))])]);
}

/** The series of several runs below one another: the first column says whose a row is. A subnet that a run has not is left empty. */
export function comparedSeriesCsv(runs: readonly ComparedRun[]): string {
  const names = [...new Set(runs.flatMap(({ result }) => result.summary.subnets.map(({ name }) => name)))];
  const rows = runs.flatMap(({ name, result: { summary, series } }) => {
    const places = names.map((wanted) => summary.subnets.findIndex((subnet) => subnet.name === wanted));
    const fieldsAt = (row: SeriesRow, at: number): readonly (string | number)[] =>
      at < 0 ? SUBNET_COLUMNS.map(() => "") : subnetFields(row, at);
    return series.map((row) => [name, ...fleetFields(row), ...places.flatMap((at) => fieldsAt(row, at))]);
  });
  return csvText([["file", ...headOf(names)], ...rows]);
}

function headOf(subnets: readonly string[]): readonly string[] {
  return [...FLEET_COLUMNS, ...subnets.flatMap((name) => SUBNET_COLUMNS.map((column) => `${name} ${column}`))];
}

function fleetFields({ atSeconds, nodes, podsRunning, podsWaiting, ec2Calls, ec2Throttled }: SeriesRow): readonly number[] {
  return [atSeconds, nodes, podsRunning, podsWaiting, ec2Calls, ec2Throttled];
}

function subnetFields({ subnets }: SeriesRow, at: number): readonly number[] {
  const { used, held, assigned, cooling } = subnets[at] ?? NOTHING;
  return [used, held, assigned, held - assigned - cooling, cooling];
}
