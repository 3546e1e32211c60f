import { Buffer } from "node:buffer";

import type { ApiRequest, ByteSource, Reply, ReplyBody } from "./exchange.ts";

/** A request of this process's own, such as `fetch` would send. */
export async function fromWebRequest(request: Request): Promise<ApiRequest> {
  return {
    method: request.method,
    url: new URL(request.url),
    headers: Object.fromEntries(request.headers),
    body: Buffer.from(await request.arrayBuffer()),
    gone: () => request.signal,
  };
}

export function toWebResponse({ status, headers, body }: Reply): Response {
  return new Response(webBody(body), { status, headers });
}

function webBody(body: ReplyBody): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  switch (body.kind) {
    case "whole":
      return typeof body.content === "string" ? body.content : Uint8Array.from(body.content);
    case "pieces":
      return webStream(pieceByPiece(body.pieces));
    case "stream":
      return webStream(body.source);
    default:
      return body satisfies never;
  }
}

function pieceByPiece(pieces: Iterable<readonly Buffer[]>): ByteSource {
  const iterator = pieces[Symbol.iterator]();
  return {
    async next() {
      const piece = iterator.next();
      return piece.done === true ? undefined : Buffer.concat(piece.value);
    },
    cancel: () => undefined,
  };
}

function webStream(source: ByteSource): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = await source.next();
        if (bytes === undefined) controller.close();
        else controller.enqueue(bytes);
      },
      cancel: () => source.cancel(),
    },
    { highWaterMark: 0 },
  );
}

/** A platform's stream as a source. */
export function fromWebStream(stream: ReadableStream<Uint8Array>): ByteSource {
  const reader = stream.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? undefined : value;
    },
    cancel: () => void reader.cancel().catch(() => undefined),
  };
}
