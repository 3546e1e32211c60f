import { align4, viewOf } from "./bytes.ts";

/** One netlink message: `struct nlmsghdr` and its payload. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** Chosen by the asker; the answers carry it back. */
  readonly sequence: number;
  readonly payload: Uint8Array;
}

const HEADER = 16;

/** Message types of the netlink layer itself; rtnetlink's start at 16. */
export const MESSAGE = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

/** Header flags (linux/netlink.h). The values above 0x80 mean one thing for get, another for new, a third in answers. */
export const FLAG = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  dumpInterrupted: 0x10,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  ackCapped: 0x100,
  ackAttributes: 0x200,
} as const;

/** Messages as bytes, one after another, each padded to four. The port is the kernel's to fill in. */
export function encodeFrames(frames: readonly Frame[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((length, frame) => length + align4(HEADER + frame.payload.length), 0));
  const view = viewOf(bytes);
  let at = 0;
  for (const { type, flags, sequence, payload } of frames) {
    view.setUint32(at, HEADER + payload.length, true);
    view.setUint16(at + 4, type, true);
    view.setUint16(at + 6, flags, true);
    view.setUint32(at + 8, sequence, true);
    bytes.set(payload, at + HEADER);
    at += align4(HEADER + payload.length);
  }
  return bytes;
}

/** The messages of one datagram; a cut-off last one is left out. */
export function decodeFrames(datagram: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  const view = viewOf(datagram);
  let at = 0;
  while (at + HEADER <= datagram.length) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > datagram.length) break;
    frames.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: datagram.subarray(at + HEADER, at + length),
    });
    at += align4(length);
  }
  return frames;
}
