import type { CredentialSource } from "@slash28/aws";
import { cacheFault, CredentialCache, type CacheSettings } from "@slash28/pod-identity";
import type { Clock, Log } from "@slash28/ports";
import { createAgentMetrics } from "./agent-metrics.ts";
import { createAnswers } from "./answer-request.ts";
import { createCredentialDesk } from "./credential-desk.ts";
import { openListeners } from "./credential-listeners.ts";
import { createEksAuth } from "./eks-auth.ts";
import type { ServerFlags } from "./flags.ts";
import { serveHttp, type HttpServer } from "./http-server.ts";
import { metricAnswers, probeAnswers } from "./pages.ts";

export interface AgentOptions {
  readonly flags: Pick<
    ServerFlags,
    "clusterName" | "port" | "probePort" | "metricsPort" | "metricsAddress" | "bindHosts" | "maxCacheSize" | "maxServiceQps" | "retentionMs"
  >;
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** An agent that serves. */
export interface RunningAgent {
  /** Where credentials are served: port by address. */
  readonly ports: ReadonlyMap<string, number>;
  readonly probePort: number | undefined;
  readonly metricsPort: number | undefined;
  /** Answers what was asked, and takes nothing more. */
  stop(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
/** The pod's grace period is 30 s. */
const GRACE_MS = 25_000;

/** Serves credentials, probes and metrics. Rejects when settings do not go together, or credentials can be served nowhere. */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { flags, clock, random, log } = options;
  const settings = cacheSettings(flags);
  const fault = cacheFault(settings);
  if (fault !== undefined) throw new Error(fault);
  const metrics = createAgentMetrics();
  const cache = new CredentialCache(settings, clock.now());
  const desk = createCredentialDesk({
    cache,
    exchange: createEksAuth({ ...options, clusterName: flags.clusterName }),
    clock,
    random,
    metrics,
    log,
  });
  const answers = (host: string): ReturnType<typeof createAnswers> =>
    createAnswers({ desk, clock, metrics, log: log.child({ "bind-addr": host, "cluster-name": flags.clusterName }) });
  const listeners = await openListeners({ hosts: flags.bindHosts, port: flags.port, answers, clock, metrics, log });
  const stopped = new AbortController();
  const fresh = desk.keepFresh(stopped.signal);
  const probes = await orNone(() => serveHttp({ host: LOOPBACK, port: flags.probePort }, probeAnswers(listeners)), "probes", log);
  const pages = await orNone(
    () => serveHttp({ host: flags.metricsAddress, port: flags.metricsPort }, metricAnswers(metrics, listeners)),
    "metrics",
    log,
  );
  return {
    ports: new Map([...listeners.open].map(([host, { port }]) => [host, port])),
    probePort: probes?.port,
    metricsPort: pages?.port,
    async stop() {
      stopped.abort();
      await listeners.close(GRACE_MS);
      await Promise.all([fresh, probes?.close(0), pages?.close(0)]);
    },
  };
}

function cacheSettings({ maxCacheSize, maxServiceQps, retentionMs }: AgentOptions["flags"]): CacheSettings {
  return { entriesMax: maxCacheSize, retentionMs, renewals: { perSecond: maxServiceQps, burst: Math.max(1, maxServiceQps) } };
}

/** Pods' credentials do not depend on who watches. */
async function orNone(serve: () => Promise<HttpServer>, what: string, log: Log): Promise<HttpServer | undefined> {
  try {
    return await serve();
  } catch (cause) {
    log.error("a page cannot be served", { what, detail: cause instanceof Error ? cause.message : String(cause) });
    return undefined;
  }
}
