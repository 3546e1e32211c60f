import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { ipv4 } from "@slash28/address";
import { listenInNamespace } from "@slash28/linux";
import type { Log } from "@slash28/ports";
import { serviceHealthAnswer, type HealthAnswer, type ServiceHealth } from "./health-checks.ts";

/** kube-proxy's health port. */
export const HEALTHZ_PORT = 10_256;
const EVERY_ADDRESS = ipv4("0.0.0.0");

/** The pages that kube-proxy serves on a node: its own health, and one port per service that asks for it. */
export interface NodePages {
  serve(checks: readonly ServiceHealth[]): Promise<void>;
  close(): Promise<void>;
}

export interface NodePagesOptions {
  /** The node's network namespace. */
  readonly namespace: string;
  readonly nodeHealth: () => HealthAnswer;
  readonly log: Log;
}

export function openNodePages({ namespace, nodeHealth, log }: NodePagesOptions): NodePages {
  const open = new Map<number, { readonly server: Server; answer: () => HealthAnswer }>();
  const serve = (port: number, answer: () => HealthAnswer): void => {
    const known = open.get(port);
    if (known !== undefined) {
      known.answer = answer;
      return;
    }
    const server = pageServer(() => open.get(port)?.answer() ?? { status: 503, body: {} });
    try {
      server.listen({ fd: listenInNamespace(namespace, EVERY_ADDRESS, port) });
      open.set(port, { server, answer });
    } catch (cause) {
      // The port is someone else's on this node; a load balancer sees the node as unhealthy, as it would elsewhere.
      log.warn("cannot serve health checks", { port, detail: cause instanceof Error ? cause.message : String(cause) });
    }
  };
  const close = async (port: number): Promise<void> => {
    const server = open.get(port)?.server;
    open.delete(port);
    if (server === undefined || !server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  serve(HEALTHZ_PORT, nodeHealth);
  return {
    async serve(checks) {
      const wanted = new Set([HEALTHZ_PORT, ...checks.map(({ port }) => port)]);
      for (const port of open.keys()) if (!wanted.has(port)) await close(port);
      for (const check of checks) if (check.port !== HEALTHZ_PORT) serve(check.port, () => serviceHealthAnswer(check));
    },
    close: async () => void (await Promise.all([...open.keys()].map(close))),
  };
}

function pageServer(answer: () => HealthAnswer): Server {
  const server = createServer((_, response) => {
    const { status, body } = answer();
    response
      .writeHead(status, { "content-type": "application/json", "x-content-type-options": "nosniff" })
      .end(`${JSON.stringify(body)}\n`);
  });
  server.keepAliveTimeout = 5_000;
  return server;
}
