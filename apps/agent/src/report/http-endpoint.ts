import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface HttpEndpoint {
  close(): Promise<void>;
}

/** Longest silence of a reader, as upstream's servers bear it. */
const TIMEOUT_MS = 5_000;

/** Serves GET requests at `host:port`, `:port` or `unix:<path>`. Rejects when the address is taken. */
export async function serveHttp(address: string, answer: (path: string) => Promise<HttpAnswer>): Promise<HttpEndpoint> {
  const server = createServer((request, response) => {
    if (request.method !== "GET") {
      response.writeHead(405).end();
      return;
    }
    const [path = "/"] = (request.url ?? "/").split("?");
    answer(path).then(
      ({ status, type, body }) => response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body),
      (cause: unknown) => response.writeHead(500, { "content-type": "text/plain" }).end(`${String(cause)}\n`),
    );
  });
  server.timeout = TIMEOUT_MS;
  server.requestTimeout = TIMEOUT_MS;
  server.headersTimeout = TIMEOUT_MS;
  server.keepAliveTimeout = TIMEOUT_MS;
  server.listen(listenOptions(address));
  await once(server, "listening");
  return {
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listenOptions(address: string): { readonly path: string } | { readonly host?: string; readonly port: number } {
  if (address.startsWith("unix:")) {
    const path = address.slice("unix:".length);
    rmSync(path, { force: true });
    return { path };
  }
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  const port = Number(address.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError(`${address} is not host:port or unix:path`);
  return host === "" ? { port } : { host, port };
}
