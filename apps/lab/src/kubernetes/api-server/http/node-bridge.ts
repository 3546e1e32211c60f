import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { ApiRequest, ByteSource, Reply } from "./exchange.ts";

/** Methods that the Fetch standard keeps to itself: they are about connections, not about what is on the other side. */
const NOT_FOR_SERVERS = new Set(["CONNECT", "TRACE", "TRACK"]);

/** An incoming message as a request; `undefined` for one whose target is no URL, or whose method is none for a server. */
export function requestOf(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): ApiRequest | undefined {
  const { method = "GET", url = "/" } = incoming;
  const target = `https://kubernetes.default.svc${url}`;
  if (NOT_FOR_SERVERS.has(method) || !URL.canParse(target)) return undefined;
  return { method, url: new URL(target), headers: headersOf(incoming), body, gone: () => whenGone(outgoing) };
}

/** Of the headers that may come several times unjoined, none is read here. */
export function headersOf(incoming: IncomingMessage): ApiRequest["headers"] {
  return incoming.headers as Readonly<Record<string, string | undefined>>;
}

function whenGone(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const onClose = (): void => {
    // Answered to the end: nobody waits for anything any more.
    if (!outgoing.writableFinished) gone.abort();
  };
  if (outgoing.destroyed) onClose();
  else outgoing.once("close", onClose);
  return gone.signal;
}

/** Sends a reply, as the client takes it. Resolves when it is sent, or nobody is there to take it. */
export async function send({ status, headers, body }: Reply, outgoing: ServerResponse): Promise<void> {
  switch (body.kind) {
    case "whole":
      outgoing.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body.content)) });
      outgoing.end(body.content);
      return;
    case "pieces":
      outgoing.writeHead(status, headers);
      return sendPieces(body.pieces, outgoing);
    case "stream":
      outgoing.writeHead(status, headers);
      return sendStream(body.source, outgoing);
    default:
      body satisfies never;
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

async function sendStream(source: ByteSource, outgoing: ServerResponse): Promise<void> {
  // A watch may have nothing to say for long; the client must know at once that it stands.
  outgoing.flushHeaders();
  const onClose = (): void => source.cancel();
  outgoing.once("close", onClose);
  try {
    for (;;) {
      const bytes = await source.next();
      if (bytes === undefined || outgoing.destroyed) break;
      if (!outgoing.write(bytes)) await drained(outgoing);
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
