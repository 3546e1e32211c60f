import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { ListenAddress } from "@slash28/cluster-dns";

export interface Page {
  readonly status: number;
  readonly body: string;
}

/** A page by its path, per place to listen at. */
export interface PageAt {
  readonly at: ListenAddress;
  readonly path: string;
  readonly page: () => Promise<Page> | Page;
}

export interface HttpPages {
  /** Serves these pages and no others; what stays is not interrupted. Rejects when a port is taken. */
  serve(pages: readonly PageAt[]): Promise<void>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 5_000;

/** The health, ready and metrics pages, each at its own port. */
export function createHttpPages(): HttpPages {
  const servers = new Map<string, { readonly server: Server; pages: ReadonlyMap<string, PageAt["page"]> }>();
  const close = async (key: string): Promise<void> => {
    const server = servers.get(key)?.server;
    servers.delete(key);
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    async serve(pages) {
      const wanted = groupByPlace(pages);
      for (const key of servers.keys()) if (!wanted.has(key)) await close(key);
      for (const [key, group] of wanted) {
        const byPath = new Map(group.map(({ path, page }) => [path, page]));
        const known = servers.get(key);
        if (known !== undefined) known.pages = byPath;
        else {
          const entry = { server: listening(group[0]?.at, (path) => servers.get(key)?.pages.get(path)), pages: byPath };
          servers.set(key, entry);
          await once(entry.server, "listening");
        }
      }
    },
    async close() {
      await Promise.all([...servers.keys()].map(close));
    },
  };
}

function groupByPlace(pages: readonly PageAt[]): ReadonlyMap<string, readonly PageAt[]> {
  const groups = new Map<string, PageAt[]>();
  for (const page of pages) {
    const key = `${page.at.host}:${page.at.port}`;
    groups.set(key, [...(groups.get(key) ?? []), page]);
  }
  return groups;
}

function listening(at: ListenAddress | undefined, find: (path: string) => PageAt["page"] | undefined): Server {
  const server = createServer((request, response) => {
    const page = find((request.url ?? "/").split("?")[0] ?? "/");
    if (page === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(page === undefined ? 404 : 405).end();
      return;
    }
    Promise.resolve(page()).then(
      ({ status, body }) => response.writeHead(status, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(body),
      (cause: unknown) => response.writeHead(500).end(`${String(cause)}\n`),
    );
  });
  server.requestTimeout = TIMEOUT_MS;
  server.headersTimeout = TIMEOUT_MS;
  server.keepAliveTimeout = TIMEOUT_MS;
  server.listen({ port: at?.port ?? 0, ...(at === undefined || at.host === "" ? {} : { host: at.host }) });
  return server;
}
