import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer-request.ts";
import type { AgentMetrics } from "./agent-metrics.ts";
import type { CredentialListeners } from "./credential-listeners.ts";

const PROBE_MS = 10_000;
const NOT_FOUND = 404;
const PLAIN = "text/plain; charset=utf-8";

/** `/healthz` and `/readyz`: whether every address that listens answers, within ten seconds for all. */
export function probeAnswers(listeners: Pick<CredentialListeners, "open">): (request: IncomingMessage) => Promise<Answer> {
  return async (request) => {
    const path = pathOf(request);
    return path === "/healthz" || path === "/readyz" ? probe(listeners) : plain(NOT_FOUND, "404 page not found\n");
  };
}

/** `/metrics`, and the probes' pages as well. */
export function metricAnswers(
  metrics: Pick<AgentMetrics, "text">,
  listeners: Pick<CredentialListeners, "open">,
): (request: IncomingMessage) => Promise<Answer> {
  const probes = probeAnswers(listeners);
  return async (request) =>
    pathOf(request) === "/metrics"
      ? { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: await metrics.text() }
      : probes(request);
}

async function probe({ open }: Pick<CredentialListeners, "open">): Promise<Answer> {
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    for (const [host, { port }] of open) {
      const reply = await fetch(`http://${host.includes(":") ? `[${host}]` : host}:${port}/`, { signal });
      await reply.body?.cancel();
      if (reply.status !== NOT_FOUND) return plain(500, `${host} answered ${reply.status}\n`);
    }
    return open.size > 0 ? plain(200, "ok\n") : plain(500, "credentials are served nowhere\n");
  } catch (cause) {
    if (signal.aborted) return plain(408, "");
    return plain(500, `an address does not answer: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?")[0] ?? "/";
}

function plain(status: number, body: string): Answer {
  return { status, type: PLAIN, body };
}
