import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Labels, Metrics } from "@slash28/ports";

export interface DnsMetrics extends Metrics {
  /** The text that Prometheus reads. */
  text(): Promise<string>;
}

const SECONDS = [0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192];

/** CoreDNS's series, by its names and labels. https://coredns.io/plugins/metrics/ and the pages of each plugin */
export const DNS_SERIES = [
  { kind: "gauge", name: "coredns_build_info", help: "A metric with a constant '1' value labeled by version.", labels: ["version"] },
  {
    kind: "counter",
    name: "coredns_dns_requests_total",
    help: "Counter of DNS requests made per zone, protocol and family.",
    labels: ["server", "zone", "proto", "type"],
  },
  {
    kind: "counter",
    name: "coredns_dns_responses_total",
    help: "Counter of response status codes.",
    labels: ["server", "zone", "rcode", "plugin"],
  },
  {
    kind: "histogram",
    name: "coredns_dns_request_duration_seconds",
    help: "Histogram of the time (in seconds) each request took.",
    labels: ["server", "zone"],
  },
  { kind: "counter", name: "coredns_panics_total", help: "A metrics that counts the number of panics.", labels: [] },
  { kind: "gauge", name: "coredns_cache_entries", help: "The number of elements in the cache.", labels: ["server", "type", "zones"] },
  { kind: "counter", name: "coredns_cache_hits_total", help: "The count of cache hits.", labels: ["server", "type", "zones"] },
  { kind: "counter", name: "coredns_cache_misses_total", help: "The count of cache misses.", labels: ["server", "zones"] },
  {
    kind: "counter",
    name: "coredns_cache_prefetch_total",
    help: "The number of times the cache has prefetched a cached item.",
    labels: ["server", "zones"],
  },
  {
    kind: "counter",
    name: "coredns_cache_served_stale_total",
    help: "The number of requests served from stale cache entries.",
    labels: ["server", "zones"],
  },
  { kind: "counter", name: "coredns_cache_requests_total", help: "The count of cache requests.", labels: ["server", "zones"] },
  { kind: "counter", name: "coredns_forward_requests_total", help: "Counter of requests made per upstream.", labels: ["to"] },
  {
    kind: "counter",
    name: "coredns_forward_responses_total",
    help: "Counter of responses received per upstream.",
    labels: ["to", "rcode"],
  },
  {
    kind: "counter",
    name: "coredns_forward_max_concurrent_rejects_total",
    help: "Counter of the number of queries rejected because the concurrent queries were at maximum.",
    labels: [],
  },
  {
    kind: "counter",
    name: "coredns_forward_healthcheck_broken_total",
    help: "Counter of the number of complete failures of the healthchecks.",
    labels: [],
  },
  { kind: "counter", name: "coredns_reload_failed_total", help: "Counter of the number of failed reload attempts.", labels: [] },
  { kind: "gauge", name: "process_resident_memory_bytes", help: "Resident memory size in bytes.", labels: [] },
  { kind: "gauge", name: "process_start_time_seconds", help: "Start time of the process since unix epoch in seconds.", labels: [] },
] as const;

export function createDnsMetrics(): DnsMetrics {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const { kind, name, help, labels } of DNS_SERIES) {
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    if (kind === "counter") counters.set(name, new Counter(options));
    else if (kind === "gauge") gauges.set(name, new Gauge(options));
    else histograms.set(name, new Histogram({ ...options, buckets: SECONDS }));
  }
  const startedAtSeconds = Date.now() / 1_000 - process.uptime();
  return {
    add: (name, labels: Labels = {}, by = 1) => series(counters, name).inc({ ...labels }, by),
    set: (name, value, labels: Labels = {}) => series(gauges, name).set({ ...labels }, value),
    observe: (name, value, labels: Labels = {}) => series(histograms, name).observe({ ...labels }, value),
    text: () => {
      series(gauges, "process_resident_memory_bytes").set(process.memoryUsage.rss());
      series(gauges, "process_start_time_seconds").set(startedAtSeconds);
      return registry.metrics();
    },
  };
}

function series<T>(known: ReadonlyMap<string, T>, name: string): T {
  const found = known.get(name);
  if (found === undefined) throw new Error(`no series ${name} is declared`);
  return found;
}
