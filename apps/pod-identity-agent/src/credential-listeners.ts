import type { IncomingMessage } from "node:http";
import type { Clock, Log, Metrics } from "@slash28/ports";
import type { Answer } from "./answer-request.ts";
import { serveHttp, type HttpServer } from "./http-server.ts";

export interface ListenerOptions {
  readonly hosts: readonly string[];
  readonly port: number;
  /** A fresh function for each address: each has a limit of its own. */
  readonly answers: (host: string) => (request: IncomingMessage) => Promise<Answer>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** The addresses credentials are served at. */
export interface CredentialListeners {
  /** Those that listen now, with their ports. */
  readonly open: ReadonlyMap<string, HttpServer>;
  close(graceMs: number): Promise<void>;
}

const RETRY_MS = 10_000;

/**
 * Opens every address it can. One that cannot be opened, as the IPv6 one of a node without IPv6, is told, tried again now and then, and stops nobody
 * else. Rejects when there is none at all.
 */
export async function openListeners(options: ListenerOptions): Promise<CredentialListeners> {
  const { hosts, clock } = options;
  const open = new Map<string, HttpServer>();
  const stopped = new AbortController();
  const failed = await openAll(options, open, hosts);
  if (open.size === 0) {
    const whys = failed.map(({ host, why }) => `${host}: ${why}`).join("; ");
    throw new Error(`credentials can be served nowhere (${whys}); has "initialize" run, and is nobody else at port ${options.port}?`);
  }
  const retry = async (): Promise<void> => {
    let missing = failed.map(({ host }) => host);
    while (missing.length > 0) {
      await clock.sleep(RETRY_MS, stopped.signal);
      if (stopped.signal.aborted) return;
      missing = (await openAll({ ...options, log: { ...options.log, warn: () => undefined } }, open, missing)).map(({ host }) => host);
    }
  };
  const retrying = retry();
  return {
    open,
    async close(graceMs) {
      stopped.abort();
      await retrying;
      await Promise.all([...open.values()].map((server) => server.close(graceMs)));
    },
  };
}

interface Failed {
  readonly host: string;
  readonly why: string;
}

async function openAll(
  { port, answers, metrics, log }: ListenerOptions,
  open: Map<string, HttpServer>,
  hosts: readonly string[],
): Promise<readonly Failed[]> {
  const failed: Failed[] = [];
  for (const host of hosts) {
    try {
      const server = await serveHttp({ host, port }, answers(host));
      open.set(host, server);
      log.info("credentials are served", { "bind-addr": host, port: server.port });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      failed.push({ host, why });
      log.warn("credentials cannot be served at one address; pods reach the agent at the others", { "bind-addr": host, port, detail: why });
    }
    metrics.set("pod_identity_listening", open.has(host) ? 1 : 0, { address: host });
  }
  return failed;
}
