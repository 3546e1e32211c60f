/** One metric: how it is exposed, and what it counts. Names and labels are the VPC CNI's where it has such a metric. */
export interface MetricSpec {
  readonly kind: "gauge" | "counter" | "histogram" | "sum";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, for histograms. */
  readonly buckets?: readonly number[];
}

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
  awscni_ipamd_error_count: { kind: "counter", help: "Errors, by the action that met them", labels: ["fn"] },
  awscni_reconcile_count: { kind: "counter", help: "Changes found when comparing with EC2", labels: ["fn"] },
  awscni_add_ip_req_count: { kind: "counter", help: "ADD requests", labels: [] },
  awscni_del_ip_req_count: { kind: "counter", help: "DEL requests", labels: ["reason"] },
  awscni_no_available_ip_addresses: { kind: "counter", help: "ADD requests that found no free address", labels: [] },
  awscni_aws_api_latency_ms: { kind: "sum", help: "Latency of AWS API calls in milliseconds", labels: ["api", "error", "status"] },
  awscni_aws_api_error_count: { kind: "counter", help: "AWS API calls that failed, by code", labels: ["api", "error"] },
  awscni_ec2api_req_count: { kind: "counter", help: "EC2 API calls", labels: ["fn"] },
  awscni_ec2api_error_count: { kind: "counter", help: "EC2 API calls that failed", labels: ["fn"] },
  slash28_cooling_ip_addresses: { kind: "gauge", help: "Addresses released by pods that still rest", labels: [] },
  slash28_free_ip_addresses: { kind: "gauge", help: "Addresses a pod could have at once", labels: [] },
  slash28_waiting_pods: { kind: "gauge", help: "Pods that asked for an address and got none", labels: [] },
  slash28_cni_step_seconds: {
    kind: "histogram",
    help: "Time of one step of an ADD in seconds",
    labels: ["step"],
    buckets: [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.5, 1, 5],
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof METRICS;
