import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

const BODYLESS = new Set(["GET", "HEAD"]);

/** An incoming message as a `Request`. `signal` fires when the client goes away. */
export function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const method = incoming.method ?? "GET";
  const headers = headersOf(incoming);
  const url = new URL(incoming.url ?? "/", "https://kubernetes.default.svc");
  if (BODYLESS.has(method)) return new Request(url, { method, headers, signal });
  return new Request(url, { method, headers, signal, body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: "half" });
}

export function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === "string") headers.set(name, value);
    else for (const one of value ?? []) headers.append(name, one);
  }
  return headers;
}

/** Sends a `Response`, chunk by chunk as the client takes them. Resolves when it is sent, or nobody is there to take it. */
export async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (response.body === null) {
    outgoing.end();
    return;
  }
  // A watch may have nothing to say for long; the client must know at once that it stands.
  outgoing.flushHeaders();
  const reader = response.body.getReader();
  const onClose = (): void => void reader.cancel().catch(() => undefined);
  outgoing.once("close", onClose);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || outgoing.destroyed) break;
      if (!outgoing.write(value)) await drained(outgoing);
    }
    outgoing.end();
  } catch {
    // The source broke off in the middle; cutting the connection tells the client that the answer is not whole.
    outgoing.destroy();
  } finally {
    outgoing.off("close", onClose);
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.once("drain", done);
    outgoing.once("close", done);
  });
}
