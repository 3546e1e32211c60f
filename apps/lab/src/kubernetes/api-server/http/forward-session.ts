import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";

import type { PodOnNode } from "./serve-logs.ts";
import { serveSpdy, type SpdyStream } from "./spdy/spdy-session.ts";

/**
 * Forwards connections to a pod's ports. Each connection is two streams of one `requestid`: `data`, and `error`, which is closed
 * without a word when all went well (Kubernetes' `portforward.k8s.io`).
 */
export async function runForwardSession(connection: Duplex, pod: PodOnNode): Promise<void> {
  const errors = new Map<string, Duplex>();
  await serveSpdy(connection, ({ headers, stream }: SpdyStream) => {
    stream.on("error", () => undefined);
    const id = headers.get("requestid") ?? headers.get("port") ?? "";
    if (headers.get("streamtype") === "error") {
      stream.resume();
      errors.set(id, stream);
      return;
    }
    const error = errors.get(id);
    errors.delete(id);
    void forward(pod, Number(headers.get("port")), stream).then((why) => {
      if (why !== undefined) error?.write(why);
      error?.end();
    });
  });
}

/** Resolves to what went wrong. */
async function forward(pod: PodOnNode, port: number, client: Duplex): Promise<string | undefined> {
  const { container } = pod;
  const failed = (cause: unknown): string =>
    `error forwarding port ${port} to pod ${container.pod}: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return failed("not a port");
  let server: Duplex;
  try {
    server = await pod.runtime.connect(container, port);
  } catch (cause) {
    client.end();
    return failed(cause);
  }
  await relay(client, server);
  return undefined;
}

/** Both ways until both are done. Each side may end what it says and go on listening; one that breaks off takes the other along. */
async function relay(client: Duplex, server: Duplex): Promise<void> {
  client.pipe(server);
  server.pipe(client);
  const over = new AbortController();
  const either = (side: Duplex): Promise<void> => finished(side, { signal: over.signal }).catch(() => over.abort());
  await Promise.all([either(client), either(server)]);
  client.destroy();
  server.destroy();
}
