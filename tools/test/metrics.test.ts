import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { METRICS, type MetricSpec } from "../../apps/agent/src/report/metric-table.ts";
import { UNFED_SERIES } from "../docs/unfed-series.ts";

type Row = readonly [name: string, kind: MetricSpec["kind"], labels: readonly string[], values?: readonly string[]];

/** The VPC CNI's metrics (1.23.1): name, kind, labels, and the values of the label that is a list. */
const UPSTREAM: readonly Row[] = [
  ["awscni_build_info", "gauge", ["version", "goversion"]],
  ["awscni_eni_max", "gauge", []],
  ["awscni_ip_max", "gauge", []],
  ["awscni_eni_allocated", "gauge", []],
  ["awscni_total_ip_addresses", "gauge", []],
  ["awscni_assigned_ip_addresses", "gauge", []],
  ["awscni_total_ipv4_prefixes", "gauge", []],
  ["awscni_assigned_ip_per_cidr", "gauge", ["cidr"]],
  ["awscni_assigned_ip_per_eni", "gauge", ["eni"]],
  [
    "awscni_ipamd_action_inprogress",
    "gauge",
    ["fn"],
    ["nodeInit", "increaseDatastorePool", "decreaseDatastorePool", "nodeIPPoolReconcile"],
  ],
  ["awscni_connmark_backend", "gauge", ["backend"], ["iptables", "nftables"]],
  [
    "awscni_ipamd_error_count",
    "counter",
    ["fn"],
    [
      "waitENIAttachedMaxRetryExceeded",
      "increaseIPPoolAllocENI",
      "increaseIPPoolAllocIPAddressesFailed",
      "increaseIPPoolGetENIaddressesFailed",
      "increaseIPPoolGetENIprefixedFailed",
      "increaseIPPoolwaitENIAttachedFailed",
      "increaseIPPoolsetupENIFailed",
      "decreaseIPPool",
      "decreaseIPPoolFreeENIFailed",
      "freeENIDeleteRulesFailed",
      "addENIsecondaryIPsToDataStoreFailed",
      "addENIv4prefixesToDataStoreFailed",
      "addENIv6prefixesToDataStoreFailed",
      "reconcileFailedGetENIs",
      "eniReconcileAdd",
      "eniReconcileDel",
      "ipReconcileAdd",
      "ipReconcileDel",
      "prefixReconcileAdd",
    ],
  ],
  [
    "awscni_reconcile_count",
    "counter",
    ["fn"],
    ["eniReconcileAdd", "eniReconcileDel", "eniIPPoolReconcileDel", "eniDataStorePoolReconcileAdd"],
  ],
  ["awscni_connmark_reconcile_total", "counter", ["result"], ["success", "error"]],
  ["awscni_add_ip_req_count", "counter", []],
  ["awscni_del_ip_req_count", "counter", ["reason"], ["PodDeleted", "SetupNSFailed"]],
  ["awscni_pod_eni_error_count", "counter", ["fn"], ["nodeInit", "tryEnableSecurityGroupsForPods"]],
  ["awscni_aws_api_latency_ms", "sum", ["api", "error", "status"]],
  ["awscni_aws_api_error_count", "counter", ["api", "error"]],
  ["awscni_aws_utils_error_count", "counter", ["fn", "error"]],
  ["awscni_ec2api_req_count", "counter", ["fn"]],
  ["awscni_ec2api_error_count", "counter", ["fn"]],
  ["awscni_force_removed_enis", "counter", []],
  ["awscni_force_removed_ips", "counter", []],
  ["awscni_no_available_ip_addresses", "counter", []],
  [
    "awscni_ipamd_startup_duration_seconds",
    "histogram",
    ["success", "with_api_server", "failure_reason"],
    ["api_server_connectivity", "node_initialization"],
  ],
  ["awscni_ipamd_node_initialization_duration_seconds", "histogram", ["success"]],
];

const folder = fileURLToPath(new URL("../../apps/agent/src", import.meta.url));
/** What stands on the lines that feed a metric by another function. */
const OWN_LINES: Readonly<Record<string, string>> = { awscni_ipamd_action_inprogress: "nodeInit" };
/** The agent's code apart from the table itself: there a name is declared, not fed. */
const SOURCE = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.endsWith("metric-table.ts"))
  .map((name) => readFileSync(`${folder}/${name}`, "utf8"))
  .join("\n");

/** Where a value stands in the code, and not beside the name of another metric that has the same one. */
function isFed(metric: string, value: string): boolean {
  const others = UPSTREAM.filter(([name, , , values]) => name !== metric && values?.includes(value)).map(
    ([name]) => OWN_LINES[name] ?? `"${name}"`,
  );
  return SOURCE.split("\n").some((line) => line.includes(`"${value}"`) && !others.some((other) => line.includes(other)));
}

describe("upstream's metrics", () => {
  test.each(UPSTREAM.map(([name, kind, labels]) => ({ name, kind, labels })))(
    "$name has its kind and labels, and is fed",
    ({ name, kind, labels }) => {
      const spec: MetricSpec | undefined = (METRICS as Readonly<Record<string, MetricSpec>>)[name];
      expect({ kind: spec?.kind, labels: spec?.labels }).toEqual({ kind, labels });
      const isSaidUnfed = UNFED_SERIES.some(([metric]) => metric === name);
      if (!isSaidUnfed) expect(SOURCE).toContain(`"${name}"`);
    },
  );

  const series = UPSTREAM.flatMap(([metric, , , values = []]) => values.map((value) => ({ metric, value })));

  test.each(series)("$metric: $value is fed, or said not to be", ({ metric, value }) => {
    const isUnfed = UNFED_SERIES.some(([name, each]) => name === metric && each === value);
    expect(isFed(metric, value)).toBe(!isUnfed);
  });

  test("that are said not to be fed exist there", () => {
    const known = new Set(series.map(({ metric, value }) => `${metric} ${value}`));
    expect(UNFED_SERIES.filter(([metric, value]) => value !== "" && !known.has(`${metric} ${value}`))).toEqual([]);
  });
});

test("every metric of the table is fed somewhere", () => {
  const unfed = Object.keys(METRICS).filter((name) => !SOURCE.includes(`"${name}"`) && UNFED_SERIES.every(([metric]) => metric !== name));
  expect(unfed).toEqual([]);
});
