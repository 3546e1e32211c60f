/** SPDY/3.1 frames as far as port forwarding needs them. https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/ */
export type Frame =
  | { readonly kind: "data"; readonly stream: number; readonly isLast: boolean; readonly data: Buffer }
  | { readonly kind: "open"; readonly stream: number; readonly isLast: boolean; readonly headers: Buffer }
  | { readonly kind: "headers"; readonly stream: number; readonly headers: Buffer }
  | { readonly kind: "reset"; readonly stream: number }
  | { readonly kind: "ping"; readonly id: number }
  | { readonly kind: "go-away" }
  /** Settings, windows: of no consequence here. */
  | { readonly kind: "other" };

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const HEADERS = 8;
const FLAG_FIN = 1;
const VERSION = 3;
const HEAD_BYTES = 8;
const STREAM_MASK = 0x7fffffff;
/** Far above what a client sends at once; more is not SPDY. */
const FRAME_BYTES_MAX = 4 * 1024 * 1024;

/** Splits what has arrived into whole frames and the bytes of a frame still under way; `undefined` when it is not SPDY. */
export function readFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } | undefined {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= HEAD_BYTES) {
    const length = bytes.readUIntBE(at + 5, 3);
    if (length > FRAME_BYTES_MAX) return undefined;
    if (bytes.length - at < HEAD_BYTES + length) break;
    const frame = readFrame(bytes.subarray(at, at + HEAD_BYTES), bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length));
    if (frame === undefined) return undefined;
    frames.push(frame);
    at += HEAD_BYTES + length;
  }
  return { frames, rest: bytes.subarray(at) };
}

function readFrame(head: Buffer, body: Buffer): Frame | undefined {
  const first = head.readUInt32BE(0);
  const isLast = ((head[4] ?? 0) & FLAG_FIN) !== 0;
  if (first <= STREAM_MASK) return { kind: "data", stream: first, isLast, data: body };
  if (((first >>> 16) & 0x7fff) !== VERSION) return undefined;
  const type = first & 0xffff;
  const needed = { [SYN_STREAM]: 10, [SYN_REPLY]: 4, [RST_STREAM]: 4, [PING]: 4, [HEADERS]: 4 }[type] ?? 0;
  if (body.length < needed) return undefined;
  const number = needed === 0 ? 0 : body.readUInt32BE(0) & STREAM_MASK;
  switch (type) {
    case SYN_STREAM:
      return { kind: "open", stream: number, isLast, headers: body.subarray(10) };
    case SYN_REPLY:
    case HEADERS:
      return { kind: "headers", stream: number, headers: body.subarray(4) };
    case RST_STREAM:
      return { kind: "reset", stream: number };
    case PING:
      return { kind: "ping", id: body.readUInt32BE(0) };
    case GOAWAY:
      return { kind: "go-away" };
    default:
      return { kind: "other" };
  }
}

function control(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE((0x80000000 | (VERSION << 16) | type) >>> 0, 0);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}

export function dataFrame(stream: number, data: Uint8Array, isLast: boolean): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(stream, 0);
  head[4] = isLast ? FLAG_FIN : 0;
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

export function replyFrame(stream: number, headers: Buffer): Buffer {
  return control(SYN_REPLY, Buffer.concat([uint32(stream), headers]));
}

/** @param status 1 is a protocol error, 5 a cancellation. */
export function resetFrame(stream: number, status: number): Buffer {
  return control(RST_STREAM, uint32(stream, status));
}

export function pingFrame(id: number): Buffer {
  return control(PING, uint32(id));
}
