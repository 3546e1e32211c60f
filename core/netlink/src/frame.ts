import { align4, viewOf, zeroed } from "./bytes.ts";

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

/** A message as bytes, padded to four so that another can follow it. The port is the kernel's to fill in. */
export function encodeFrame(frame: Frame): Uint8Array {
  const length = HEADER + frame.payload.length;
  const { bytes, view } = zeroed(align4(length));
  view.setUint32(0, length, true);
  view.setUint16(4, frame.type, true);
  view.setUint16(6, frame.flags, true);
  view.setUint32(8, frame.sequence, true);
  bytes.set(frame.payload, HEADER);
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
