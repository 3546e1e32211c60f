import type { IncomingMessage, ServerResponse } from "node:http";

import { preparedBody, preparedPieces, rememberReceived } from "./whole-body.ts";

/** An incoming message as a `Request`; `undefined` for one that is none. `signal` fires when the client goes away. */
export function requestOf(incoming: IncomingMessage, body: Buffer, signal: AbortSignal): Request | undefined {
  try {
    const url = new URL(`https://kubernetes.default.svc${incoming.url ?? "/"}`);
    const method = incoming.method ?? "GET";
    // Only what is read can go on for long.
    const request = new Request(url, { method, headers: headersOf(incoming), ...(method === "GET" ? { signal } : {}) });
    rememberReceived(request, body);
    return request;
  } catch {
    // A target that is no URL, a method that the platform keeps to itself, a header that may not be.
    return undefined;
  }
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
  const whole = preparedBody(response);
  if (whole !== undefined || response.body === null) {
    const length = whole === undefined ? [] : ["content-length", String(Buffer.byteLength(whole))];
    outgoing.writeHead(response.status, [...[...response.headers].flat(), ...length]);
    outgoing.end(whole);
    return;
  }
  outgoing.writeHead(response.status, [...response.headers].flat());
  const pieces = preparedPieces(response);
  if (pieces !== undefined) return sendPieces(pieces, outgoing);
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

/** Every piece goes through one and the same buffer: a list of many megabytes leaves no garbage of that size behind. */
async function sendPieces(pieces: Iterable<readonly Buffer[]>, outgoing: ServerResponse): Promise<void> {
  let scratch = Buffer.allocUnsafe(SCRATCH_BYTES);
  for (const piece of pieces) {
    const size = piece.reduce((sum, part) => sum + part.length, 0);
    if (size > scratch.length) scratch = Buffer.allocUnsafe(size);
    let place = 0;
    for (const part of piece) place += part.copy(scratch, place);
    if (outgoing.destroyed) return;
    await written(outgoing, scratch.subarray(0, place));
  }
  outgoing.end();
}

const SCRATCH_BYTES = 320 * 1024;

/** Resolves when the bytes have left, or never will. */
function written(outgoing: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    outgoing.once("close", resolve);
    outgoing.write(bytes, () => {
      outgoing.off("close", resolve);
      resolve();
    });
  });
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
