import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";

/** Larger requests are refused, as upstream does (its limit for one object). */
export const BODY_MAX_BYTES = 3 * 1024 * 1024;

/** What came with a request: all of it, or more than anybody takes, or less than was announced. */
export type ReceivedBody =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  | { readonly kind: "too-large" }
  | { readonly kind: "cut-off" };

/** Takes a request's body in, as far as the limit. */
export function receiveBody(incoming: IncomingMessage): Promise<ReceivedBody> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    incoming.on("data", (part: Buffer) => {
      size += part.length;
      if (size <= BODY_MAX_BYTES) parts.push(part);
      else resolve({ kind: "too-large" });
    });
    incoming.once("end", () =>
      resolve({ kind: "whole", bytes: parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts) }),
    );
    incoming.once("error", () => resolve({ kind: "cut-off" }));
    incoming.once("close", () => resolve({ kind: "cut-off" }));
  });
}

/**
 * Bodies beside the requests and responses of one connection. Both are read and written whole here; the streams that the platform's
 * own bodies are cost more than the work for which they are read.
 */
const received = new WeakMap<Request, Buffer>();
const prepared = new WeakMap<Response, string | Buffer>();
const piecewise = new WeakMap<Response, Iterable<readonly Buffer[]>>();

export function rememberReceived(request: Request, bytes: Buffer): void {
  received.set(request, bytes);
}

/** The request's body; `undefined` when it is larger than what is taken. */
export async function bodyBytes(request: Request): Promise<Buffer | undefined> {
  const known = received.get(request);
  if (known !== undefined) return known;
  const bytes = Buffer.from(await request.arrayBuffer());
  return bytes.length > BODY_MAX_BYTES ? undefined : bytes;
}

/** A response whose body is there already. */
export function wholeResponse(body: string | Buffer, init: ResponseInit): Response {
  const response = new Response(typeof body === "string" ? body : Uint8Array.from(body), init);
  prepared.set(response, body);
  return response;
}

export function preparedBody(response: Response): string | Buffer | undefined {
  return prepared.get(response);
}

/** A response that is written piece by piece, at the pace of who reads it; each piece is several buffers that belong together. */
export function piecewiseResponse(pieces: Iterable<readonly Buffer[]>, init: ResponseInit): Response {
  const iterator = pieces[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(Buffer.concat(next.value));
      },
    },
    { highWaterMark: 0 },
  );
  const response = new Response(body, init);
  piecewise.set(response, { [Symbol.iterator]: () => iterator });
  return response;
}

export function preparedPieces(response: Response): Iterable<readonly Buffer[]> | undefined {
  return piecewise.get(response);
}
