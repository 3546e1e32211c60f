/** One metric: how it is exposed, and what it counts. Names and labels are the VPC CNI's where it has such a metric. */
export interface MetricSpec {
  readonly kind: "gauge" | "counter" | "histogram" | "sum";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, for histograms. */
  readonly buckets?: readonly number[];
  /** Series that are there from the start, with the value 0. */
  readonly initial?: readonly Readonly<Record<string, string>>[];
}

/** prom-client's own, which upstream's histograms have too. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const valuesOf = (label: string, values: readonly string[]): readonly Readonly<Record<string, string>>[] =>
  values.map((value) => ({ [label]: value }));

/** Every metric that the agent feeds, and no other. */
export const METRICS = {
  awscni_build_info: { kind: "gauge", help: "Version of the agent; the value is 1", labels: ["version", "goversion"] },
  awscni_eni_max: { kind: "gauge", help: "ENIs the instance may have for pods", labels: [] },
  awscni_ip_max: { kind: "gauge", help: "Addresses the instance may have for pods", labels: [] },
  awscni_eni_allocated: { kind: "gauge", help: "ENIs attached and managed", labels: [] },
  awscni_total_ip_addresses: { kind: "gauge", help: "Addresses held for pods", labels: [] },
  awscni_assigned_ip_addresses: { kind: "gauge", help: "Addresses assigned to pods", labels: [] },
  awscni_total_ipv4_prefixes: { kind: "gauge", help: "IPv4 prefixes held", labels: [] },
  awscni_assigned_ip_per_cidr: { kind: "gauge", help: "Addresses assigned to pods, by block", labels: ["cidr"] },
  awscni_assigned_ip_per_eni: { kind: "gauge", help: "Addresses assigned to pods, by ENI", labels: ["eni"] },
  awscni_ipamd_action_inprogress: {
    kind: "gauge",
    help: "1 while the action is under way",
    labels: ["fn"],
    initial: valuesOf("fn", ["nodeInit", "increaseDatastorePool", "decreaseDatastorePool", "nodeIPPoolReconcile"]),
  },
  awscni_connmark_backend: {
    kind: "gauge",
    help: "1 for what marks connections: always nftables",
    labels: ["backend"],
    initial: valuesOf("backend", ["iptables", "nftables"]),
  },
  awscni_connmark_reconcile_total: {
    kind: "counter",
    help: "Times the host's rules were brought in line",
    labels: ["result"],
    initial: valuesOf("result", ["success", "error"]),
  },
  awscni_ipamd_error_count: { kind: "counter", help: "Errors, by the action that met them", labels: ["fn"] },
  awscni_reconcile_count: { kind: "counter", help: "Changes found when comparing with EC2", labels: ["fn"] },
  awscni_add_ip_req_count: { kind: "counter", help: "ADD requests", labels: [] },
  awscni_del_ip_req_count: { kind: "counter", help: "DEL requests", labels: ["reason"] },
  awscni_no_available_ip_addresses: { kind: "counter", help: "ADD requests that found no free address", labels: [] },
  awscni_force_removed_enis: { kind: "counter", help: "ENIs that were taken from running pods", labels: [], initial: [{}] },
  awscni_force_removed_ips: {
    kind: "counter",
    help: "Addresses that EC2 no longer lists though pods hold them",
    labels: [],
    initial: [{}],
  },
  awscni_pod_eni_error_count: {
    kind: "counter",
    help: "Errors of security groups for pods; these are not served, so it stays 0",
    labels: ["fn"],
    initial: valuesOf("fn", ["nodeInit", "tryEnableSecurityGroupsForPods"]),
  },
  awscni_aws_api_latency_ms: { kind: "sum", help: "Latency of AWS API calls in milliseconds", labels: ["api", "error", "status"] },
  awscni_aws_api_error_count: { kind: "counter", help: "AWS API calls that failed, by code", labels: ["api", "error"] },
  awscni_aws_utils_error_count: { kind: "counter", help: "AWS API calls that failed, by call and code", labels: ["fn", "error"] },
  awscni_ec2api_req_count: { kind: "counter", help: "EC2 API calls", labels: ["fn"] },
  awscni_ec2api_error_count: { kind: "counter", help: "EC2 API calls that failed", labels: ["fn"] },
  awscni_ipamd_startup_duration_seconds: {
    kind: "histogram",
    help: "Time from the agent's start until it serves pods, or ends, in seconds",
    labels: ["success", "with_api_server", "failure_reason"],
    buckets: DEFAULT_BUCKETS,
  },
  awscni_ipamd_node_initialization_duration_seconds: {
    kind: "histogram",
    help: "The part of it that brings memory, kernel and EC2 together, in seconds",
    labels: ["success"],
    buckets: DEFAULT_BUCKETS,
  },
  process_cpu_seconds_total: { kind: "counter", help: "CPU time of the agent, user and system, in seconds", labels: [] },
  process_resident_memory_bytes: { kind: "gauge", help: "Memory of the agent that is in RAM, in bytes", labels: [] },
  process_virtual_memory_bytes: { kind: "gauge", help: "Address space of the agent, in bytes", labels: [] },
  process_open_fds: { kind: "gauge", help: "Open file descriptors of the agent", labels: [] },
  process_max_fds: { kind: "gauge", help: "File descriptors that the agent may open", labels: [] },
  process_start_time_seconds: { kind: "gauge", help: "When the agent started, in seconds since 1970", labels: [] },
  nodejs_heap_size_used_bytes: { kind: "gauge", help: "JavaScript heap in use, in bytes", labels: [] },
  nodejs_heap_size_total_bytes: { kind: "gauge", help: "JavaScript heap reserved, in bytes", labels: [] },
  nodejs_external_memory_bytes: { kind: "gauge", help: "Memory of buffers and native objects, in bytes", labels: [] },
  slash28_cooling_ip_addresses: { kind: "gauge", help: "Addresses released by pods that still rest", labels: [] },
  slash28_free_ip_addresses: { kind: "gauge", help: "Addresses a pod could have at once", labels: [] },
  slash28_warm_target_addresses: { kind: "gauge", help: "Free addresses that the pool is kept at, by the reason", labels: ["why"] },
  slash28_waiting_pods: { kind: "gauge", help: "Pods that asked for an address and got none", labels: [] },
  slash28_cni_step_seconds: {
    kind: "histogram",
    help: "Time of one step of an ADD in seconds",
    labels: ["step"],
    buckets: [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.5, 1, 5],
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof METRICS;
