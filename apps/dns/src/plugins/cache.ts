import { DnsCache, type CacheSettings, type DnsReply } from "@slash28/cluster-dns";
import type { Clock, Metrics } from "@slash28/ports";
import type { Handler } from "../ask.ts";

export interface CacheParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly server: string;
}

/** Keeps answers, and asks once for many clients that ask the same at the same time. */
export function cacheHandler(settings: CacheSettings, { clock, metrics, server }: CacheParts, next: Handler): Handler {
  const cache = new DnsCache(settings);
  const asking = new Map<string, Promise<DnsReply>>();
  const zones = settings.zones.map((zone) => `${zone}.`).join(",");
  return (ask) => {
    const key = { ...ask.question, wantsDnssec: ask.wantsDnssec, checkingDisabled: ask.checkingDisabled };
    metrics.add("coredns_cache_requests_total", { server, zones });
    const found = cache.find(key, clock.now());
    if (found !== undefined) {
      metrics.add("coredns_cache_hits_total", { server, type: found.kind, zones });
      return Promise.resolve(found.reply);
    }
    metrics.add("coredns_cache_misses_total", { server, zones });
    // Over UDP the answer may come cut, which is of no use to who asks over TCP.
    const shared = `${key.name} ${key.type} ${ask.transport} ${key.wantsDnssec} ${key.checkingDisabled}`;
    const known = asking.get(shared);
    if (known !== undefined) return known;
    const asked = next(ask)
      .then((reply) => {
        cache.keep(key, reply, clock.now());
        for (const type of ["success", "denial"] as const) metrics.set("coredns_cache_entries", cache.size(type), { server, type, zones });
        return reply;
      })
      .finally(() => asking.delete(shared));
    asking.set(shared, asked);
    return asked;
  };
}
