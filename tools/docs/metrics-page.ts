import { METRICS, type MetricSpec } from "../../apps/agent/src/report/metric-table.ts";
import { UNFED_SERIES } from "./unfed-series.ts";

const HEAD = `# Metrics

Every metric of the node agent, as its table declares them: Prometheus text at \`http://<node address>:61678/metrics\`. \`awscni_…\` are the
VPC CNI's own names and labels, so that existing dashboards work; \`slash28_…\` are added. \`DISABLE_METRICS=true\` turns the port off.
A sum has \`_sum\` and \`_count\` only; gauges are read from the pool at each scrape, and those of the process from the kernel. No label can grow without
end: blocks and ENIs are those held now, reasons, calls and steps are lists, and what is not a word in EC2's error codes is \`other\`.
`;

/** docs/metrics.md. */
export function metricsPage(): string {
  const rows = Object.entries<MetricSpec>(METRICS).map(
    ([name, { kind, labels, help }]) => `| \`${name}\` | ${kind} | ${labels.join(", ")} | ${help} |`,
  );
  const unfed = UNFED_SERIES.map(([metric, value, why]) => `| \`${metric}\` | ${value === "" ? "" : `\`${value}\``} | ${why} |`);
  return [
    HEAD,
    "| metric | kind | labels | what it counts |",
    "|---|---|---|---|",
    ...rows,
    "",
    TAIL,
    UNFED,
    "| metric | value | why |",
    "|---|---|---|",
    ...unfed,
    "",
  ].join("\n");
}

const UNFED = `## What upstream has and this agent never feeds
`;

const TAIL = `## What to watch

| question | look at |
|---|---|
| Do pods wait for addresses? | \`slash28_waiting_pods\` above 0 for a minute; \`awscni_no_available_ip_addresses\` growing |
| Is the node full, or does EC2 refuse? | \`awscni_assigned_ip_addresses\` against \`awscni_ip_max\`; \`awscni_ec2api_error_count\` by \`fn\` |
| How much is held for nothing? | \`slash28_free_ip_addresses\`; with \`slash28_cooling_ip_addresses\` and the assigned ones it adds up to \`awscni_total_ip_addresses\` |
| Do running pods lose addresses? | \`awscni_force_removed_ips\`, \`awscni_force_removed_enis\`: somebody else took them; the log names the pods |
| Does EC2 throttle? | \`awscni_aws_api_error_count{error="RequestLimitExceeded"}\` |
| How long does a pod's network take? | \`slash28_cni_step_seconds\`: \`step="wire"\` is the kernel alone, \`step="wire_and_journal"\` what the answer waits for |
`;
