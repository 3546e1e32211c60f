import type { Clock, Log, Metrics } from "@slash28/ports";
import type { CredentialCache, Exchanged, PodToken } from "@slash28/pod-identity";
import type { ExchangeToken } from "./eks-auth.ts";

export interface CredentialDeskOptions {
  readonly cache: CredentialCache;
  readonly exchange: ExchangeToken;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly log: Log;
}

export interface Served {
  readonly exchanged: Exchanged;
  readonly isFromCache: boolean;
}

/** Where every listener gets credentials: one cache, one exchange at a time for each token, whoever waits for it or goes away. */
export interface CredentialDesk {
  credentials(token: PodToken): Promise<Served>;
  /** Renews and gives up what is due, until the signal. */
  keepFresh(signal: AbortSignal): Promise<void>;
}

const SWEEP_MS = 1_000;

export function createCredentialDesk(options: CredentialDeskOptions): CredentialDesk {
  const { cache, exchange, clock, random, metrics, log } = options;
  const underWay = new Map<string, Promise<Exchanged>>();

  const start = (token: PodToken): Promise<Exchanged> => {
    const done = exchange(token.text).then((outcome) => {
      const settled = cache.settle(token, outcome, clock.now(), random());
      underWay.delete(token.text);
      metrics.set("pod_identity_cache_entries", cache.size);
      if (!settled.ok) {
        const { isFinal, code } = settled.failure;
        metrics.add("pod_identity_cache_errors", { type: isFinal ? "NonRecoverable" : "Recoverable", code });
      }
      return settled;
    });
    underWay.set(token.text, done);
    return done;
  };

  const renew = async (token: PodToken): Promise<void> => {
    const settled = await start(token);
    if (settled.ok) metrics.add("pod_identity_cache_state", { state: "renewed" });
    else log.warn("credentials could not be renewed", { detail: settled.failure.message, "given-up": settled.failure.isFinal });
  };

  return {
    async credentials(token) {
      const found = cache.find(token, clock.now());
      metrics.add("pod_identity_cache_state", { state: found.kind === "kept" ? "hit" : "miss" });
      if (found.kind === "kept") return { exchanged: { ok: true, credentials: found.credentials }, isFromCache: true };
      const running = found.kind === "join" ? underWay.get(token.text) : undefined;
      return { exchanged: await (running ?? start(token)), isFromCache: false };
    },
    async keepFresh(signal) {
      while (!signal.aborted) {
        const { renew: due, evicted } = cache.sweep(clock.now());
        for (const token of due) void renew(token);
        if (evicted > 0) metrics.add("pod_identity_cache_state", { state: "evicted" }, evicted);
        metrics.set("pod_identity_cache_entries", cache.size);
        await clock.sleep(SWEEP_MS, signal);
      }
    },
  };
}
