import { Counter, Gauge, Registry } from "prom-client";
import type { Metrics } from "@slash28/ports";

/** The agent's series: upstream's names, and what each counts here. */
export const AGENT_SERIES = {
  pod_identity_cache_state: {
    kind: "counter",
    help: "Credentials asked for, by what the cache had: hit (kept), miss (exchanged), renewed (in the background), evicted.",
    labels: ["state"],
  },
  pod_identity_cache_errors: {
    kind: "counter",
    help: "Exchanges that failed, by whether they can succeed later.",
    labels: ["type", "code"],
  },
  pod_identity_http_response: { kind: "counter", help: "Answers to pods, by HTTP status.", labels: ["code"] },
  pod_identity_cache_entries: { kind: "gauge", help: "Pods whose credentials are kept.", labels: [] },
  pod_identity_listening: { kind: "gauge", help: "Whether credentials are served at an address.", labels: ["address"] },
  process_resident_memory_bytes: { kind: "gauge", help: "Resident memory size in bytes.", labels: [] },
  process_start_time_seconds: { kind: "gauge", help: "Start time of the process since unix epoch in seconds.", labels: [] },
} as const;

export interface AgentMetrics extends Metrics {
  /** The text that Prometheus reads. */
  text(): Promise<string>;
}

export function createAgentMetrics(): AgentMetrics {
  const registry = new Registry();
  const made = new Map(
    Object.entries(AGENT_SERIES).map(([name, { kind, help, labels }]) => {
      const options = { name, help, labelNames: [...labels], registers: [registry] };
      return [name, kind === "counter" ? new Counter(options) : new Gauge(options)] as const;
    }),
  );
  const of = (name: string): Counter | Gauge => {
    const found = made.get(name);
    if (found === undefined) throw new TypeError(`${name} is not one of the agent's series`);
    return found;
  };
  const set = (name: string, value: number, labels = {}): void => {
    const found = of(name);
    if (found instanceof Gauge) found.set(labels, value);
  };
  return {
    add: (name, labels = {}, by = 1) => of(name).inc(labels, by),
    set,
    observe: set,
    text: () => {
      set("process_resident_memory_bytes", process.memoryUsage.rss());
      set("process_start_time_seconds", Math.round(performance.timeOrigin) / 1_000);
      return registry.metrics();
    },
  };
}
