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
