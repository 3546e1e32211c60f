import type { Buffer } from "node:buffer";

/** A request as it is answered here, its body taken in. The platform's own class costs more than most answers. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** By name in lower case; several of one name are one, joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Fires when the client goes away. */
  readonly gone: () => AbortSignal;
}

/** What is answered, before anything of it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ReplyBody;
}

export type ReplyBody =
  | { readonly kind: "whole"; readonly content: string | Uint8Array }
  /** Written one after the other at the reader's pace; each is several buffers that belong together. */
  | { readonly kind: "pieces"; readonly pieces: Iterable<readonly Buffer[]> }
  | { readonly kind: "stream"; readonly source: ByteSource };

/** Bytes that come when they come. */
export interface ByteSource {
  /** `undefined` at the end; rejects when it breaks off before. */
  next(): Promise<Uint8Array | undefined>;
  /** Nobody reads it any more; a `next` that waits ends. */
  cancel(): void;
}
