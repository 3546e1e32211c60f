import type { Socket } from "node:net";

/** Calls back with every message that comes over a connection: two bytes of length, then the message (RFC 1035, 4.2.2). */
export function readFrames(socket: Socket, onMessage: (message: Uint8Array) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (part: Buffer) => {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    while (held.length >= 2) {
      const length = held.readUInt16BE(0);
      if (held.length < 2 + length) return;
      onMessage(held.subarray(2, 2 + length));
      held = held.subarray(2 + length);
    }
  });
}
