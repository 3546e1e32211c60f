import type { FleetResult } from "@slash28/fleet";

const FLEET_COLUMNS = ["at_seconds", "nodes", "pods_running", "pods_waiting", "ec2_calls", "ec2_throttled"];
const SUBNET_COLUMNS = ["used", "held", "assigned", "idle", "cooling"];

/** The time series: a row for each moment, five columns for each subnet (`nodes-a used`). Calls are counted since the start. */
export function seriesCsv({ summary, series }: FleetResult): string {
  const head = [...FLEET_COLUMNS, ...summary.subnets.flatMap(({ name }) => SUBNET_COLUMNS.map((column) => csvField(`${name} ${column}`)))];
  const rows = series.map(({ atSeconds, nodes, podsRunning, podsWaiting, ec2Calls, ec2Throttled, subnets }) => [
    atSeconds,
    nodes,
    podsRunning,
    podsWaiting,
    ec2Calls,
    ec2Throttled,
    ...summary.subnets.flatMap((_, at) => {
      const { used, held, assigned, cooling } = subnets[at] ?? { used: 0, held: 0, assigned: 0, cooling: 0 };
      return [used, held, assigned, held - assigned - cooling, cooling];
    }),
  ]);
  return `${[head, ...rows].map((row) => row.join(",")).join("\n")}\n`;
}

/** RFC 4180; and a spreadsheet takes no name for a formula. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
