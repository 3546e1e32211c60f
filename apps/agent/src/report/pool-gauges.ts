import type { Node } from "../node.ts";
import { warmTargetsOf } from "./warm-targets.ts";
import type { Sandboxes } from "../pods/sandboxes.ts";
import type { PromMetrics } from "./prom-metrics.ts";

/** Sets the gauges from the ledger; called for each scrape, so they are never old. */
export function setPoolGauges(metrics: PromMetrics, node: Node, sandboxes: Sandboxes, now: number): void {
  const { ledger, limits } = node;
  const { held, assigned, cooling, free } = ledger.counts(now);
  const maxEnis = Math.min(limits.maxEnis, node.settings.pool.maxEni ?? limits.maxEnis) - node.unmanaged.size;
  const perEni = (limits.ipv4PerEni - 1) * (ledger.kind === "prefix" ? 16 : 1);
  metrics.set("awscni_eni_max", maxEnis);
  metrics.set("awscni_ip_max", maxEnis * perEni);
  metrics.set("awscni_eni_allocated", ledger.enis().length);
  metrics.set("awscni_total_ip_addresses", held);
  metrics.set("awscni_assigned_ip_addresses", assigned);
  metrics.set("slash28_cooling_ip_addresses", cooling);
  metrics.set("slash28_free_ip_addresses", free);
  metrics.set("slash28_waiting_pods", sandboxes.waiters.count);
  const targets = warmTargetsOf(node, sandboxes, now);
  metrics.clear("slash28_warm_target_addresses");
  metrics.set("slash28_warm_target_addresses", targets.free, { why: targets.because });
  metrics.clear("awscni_assigned_ip_per_cidr");
  metrics.clear("awscni_assigned_ip_per_eni");
  let prefixes = 0;
  for (const eni of ledger.inspect()) {
    let ofEni = 0;
    for (const block of eni.blocks) {
      const ofBlock = block.addresses.filter((address) => address.holder !== undefined).length;
      ofEni += ofBlock;
      if (block.isPrefix) prefixes++;
      if (ofBlock > 0) metrics.set("awscni_assigned_ip_per_cidr", ofBlock, { cidr: block.cidr });
    }
    metrics.set("awscni_assigned_ip_per_eni", ofEni, { eni: eni.id });
  }
  metrics.set("awscni_total_ipv4_prefixes", prefixes);
}
