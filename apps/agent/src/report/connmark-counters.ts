import { Fault, type Metrics } from "@slash28/ports";

/** Counts every time the host's rules are brought in line; the marks of connections are among them, and always nftables'. */
export function countedWiring(metrics: Metrics, wire: () => void): void {
  metrics.set("awscni_connmark_backend", 1, { backend: "nftables" });
  try {
    wire();
    metrics.add("awscni_connmark_reconcile_total", { result: "success" });
  } catch (cause) {
    if (cause instanceof Fault) metrics.add("awscni_connmark_reconcile_total", { result: "error" });
    throw cause;
  }
}
