import type { Metrics } from "@slash28/ports";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { METRICS, type MetricSpec } from "./metric-table.ts";

/** The agent's metrics, and their text. */
export interface PromMetrics extends Metrics {
  /** Forgets all labelled values of a gauge: what it listed may be gone. */
  clear(name: string): void;
  /** The Prometheus text format, version 0.0.4. */
  render(): Promise<string>;
}

type Instrument = Gauge | Counter | Histogram | Summary;

/** A metric that is not in the table is a bug. */
export function createPromMetrics(): PromMetrics {
  const registry = new Registry();
  const instruments = new Map<string, Instrument>(
    Object.entries(METRICS).map(([name, spec]) => [name, instrumentOf(name, spec, registry)]),
  );
  const of = <T extends Instrument>(name: string, kind: new (...args: never[]) => T): T => {
    const found = instruments.get(name);
    if (found instanceof kind) return found;
    throw new TypeError(`${name} is not a declared ${kind.name.toLowerCase()}`);
  };
  for (const [name, { initial = [] }] of Object.entries<MetricSpec>(METRICS)) {
    const instrument = instruments.get(name);
    for (const labels of initial) if (instrument instanceof Counter || instrument instanceof Gauge) instrument.inc(labels, 0);
  }
  return {
    add: (name, labels = {}, by = 1) => of<Counter>(name, Counter).inc(labels, by),
    set: (name, value, labels = {}) => of<Gauge>(name, Gauge).set(labels, value),
    observe(name, value, labels = {}) {
      const found = instruments.get(name);
      if (found instanceof Histogram || found instanceof Summary) found.observe(labels, value);
      else throw new TypeError(`${name} is not a declared histogram or sum`);
    },
    clear: (name) => of<Gauge>(name, Gauge).reset(),
    render: () => registry.metrics(),
  };
}

function instrumentOf(name: string, spec: MetricSpec, registry: Registry): Instrument {
  const base = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] };
  switch (spec.kind) {
    case "gauge":
      return new Gauge(base);
    case "counter":
      return new Counter(base);
    case "histogram":
      return new Histogram({ ...base, buckets: [...(spec.buckets ?? [])] });
    case "sum":
      // As upstream: only the sum and the count, no quantiles.
      return new Summary({ ...base, percentiles: [] });
    default:
      return spec.kind satisfies never;
  }
}
