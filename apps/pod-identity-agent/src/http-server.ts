import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer } from "./answer-request.ts";

export interface HttpServer {
  readonly port: number;
  /** Ends when every answer that was begun is given, at the latest after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** Serves at one address. Rejects with Node's error when it cannot. */
export async function serveHttp(
  at: { readonly host: string; readonly port: number },
  answer: (request: IncomingMessage) => Promise<Answer>,
): Promise<HttpServer> {
  let isClosing = false;
  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, type, body }) =>
        response.writeHead(status, { "content-type": type, ...(isClosing ? { connection: "close" } : {}) }).end(body),
      (cause: unknown) => response.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end(`${String(cause)}\n`),
    );
  });
  server.requestTimeout = TIMEOUT_MS;
  server.headersTimeout = TIMEOUT_MS;
  server.timeout = TIMEOUT_MS;
  server.listen({ ...at, ipv6Only: true });
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close(graceMs) {
      isClosing = true;
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(late);
    },
  };
}
