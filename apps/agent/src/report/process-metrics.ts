import { readdirSync, readFileSync } from "node:fs";
import type { Metrics } from "@slash28/ports";

/**
 * What Prometheus clients tell of their own process. Read at each scrape: prom-client's own collection keeps a timer of 10 ms running, on
 * every node.
 */
export function createProcessMetrics(metrics: Metrics): () => void {
  let counted = 0;
  return () => {
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / 1e6;
    metrics.add("process_cpu_seconds_total", {}, seconds - counted);
    counted = seconds;
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    metrics.set("process_resident_memory_bytes", rss);
    metrics.set("nodejs_heap_size_used_bytes", heapUsed);
    metrics.set("nodejs_heap_size_total_bytes", heapTotal);
    metrics.set("nodejs_external_memory_bytes", external);
    metrics.set("process_start_time_seconds", Math.round(performance.timeOrigin) / 1_000);
    const virtual = fieldOf("/proc/self/status", /^VmSize:\s+(\d+) kB/m);
    if (virtual !== undefined) metrics.set("process_virtual_memory_bytes", virtual * 1024);
    const maxFds = fieldOf("/proc/self/limits", /^Max open files\s+(\d+)/m);
    if (maxFds !== undefined) metrics.set("process_max_fds", maxFds);
    const fds = openFds();
    if (fds !== undefined) metrics.set("process_open_fds", fds);
  };
}

/** Systems without /proc have fewer metrics. */
function fieldOf(path: string, pattern: RegExp): number | undefined {
  try {
    const found = pattern.exec(readFileSync(path, "latin1"))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}

function openFds(): number | undefined {
  try {
    // The folder itself is open while it is read.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined;
  }
}
