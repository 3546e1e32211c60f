import { DnsCache, type CacheKey, type CacheSettings, type DnsReply, type Found } from "@slash28/cluster-dns";
import type { Clock, Metrics } from "@slash28/ports";
import type { Ask, Handler } from "../ask.ts";

export interface CacheParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly server: string;
}

/** Keeps answers, and asks once for many clients that ask the same at the same time. */
export function cacheHandler(settings: CacheSettings, parts: CacheParts, next: Handler): Handler {
  const { clock, metrics, server } = parts;
  const cache = new DnsCache(settings);
  const zones = settings.zones.map((zone) => `${zone}.`).join(",");
  const fetch = fetcher(cache, { ...parts, zones }, next);
  const serveStale = (found: Found): DnsReply => {
    metrics.add("coredns_cache_served_stale_total", { server, zones });
    return found.reply;
  };
  const give = (found: Found, ask: Ask, key: CacheKey): Promise<DnsReply> => {
    if (found.state === "fresh") return Promise.resolve(found.reply);
    const newer = fetch(ask, key).catch(() => undefined);
    if (found.state === "popular") {
      metrics.add("coredns_cache_prefetch_total", { server, zones });
      return Promise.resolve(found.reply);
    }
    if (settings.serveStale?.isVerified !== true) return Promise.resolve(serveStale(found));
    return newer.then((reply) => (reply !== undefined && tellsOfName(reply) ? reply : serveStale(found)));
  };
  return (ask) => {
    const key = { ...ask.question, wantsDnssec: ask.wantsDnssec, checkingDisabled: ask.checkingDisabled };
    metrics.add("coredns_cache_requests_total", { server, zones });
    const found = cache.find(key, clock.now());
    if (found !== undefined) {
      metrics.add("coredns_cache_hits_total", { server, type: found.kind, zones });
      return give(found, ask, key);
    }
    metrics.add("coredns_cache_misses_total", { server, zones });
    return fetch(ask, key);
  };
}

/** A failure or a refusal says nothing about the name. */
function tellsOfName({ rcode }: DnsReply): boolean {
  return rcode === "NOERROR" || rcode === "NXDOMAIN";
}

/** Asks what is behind the cache and keeps the answer; equal questions at the same time are one. */
function fetcher(
  cache: DnsCache,
  { clock, metrics, server, zones }: CacheParts & { readonly zones: string },
  next: Handler,
): (ask: Ask, key: CacheKey) => Promise<DnsReply> {
  const asking = new Map<string, Promise<DnsReply>>();
  return (ask, key) => {
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
