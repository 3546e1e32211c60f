import { closeSync, openSync } from "node:fs";
import { createConnection } from "node:net";
import type { Socket } from "node:net";
import { basename, dirname } from "node:path";
import type { Writable } from "node:stream";
import { Fault } from "@slash28/ports";
import type { AttachRequest } from "../pod-runtime.ts";

const HEAD_BYTES = 3;
const STDERR = 2;

/** Watches a container over the socket its parent made, and types into it. Resolves when the container has ended or the client has gone. */
export async function attachTo(path: string, { stdin, stdout, stderr, signal }: AttachRequest): Promise<void> {
  const socket = await connect(path);
  const end = (): void => void socket.destroy();
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  socket.write(stdin === undefined ? "o" : "i");
  stdin?.pipe(socket);
  try {
    await show(socket, (stream) => (stream === STDERR ? stderr : stdout));
  } catch (error) {
    // A client that goes, and a container that ends while it is typed into, break the connection off.
    if (!signal.aborted && !(error instanceof Error && "code" in error)) throw error;
  } finally {
    signal.removeEventListener("abort", end);
    stdin?.unpipe(socket);
    socket.destroy();
  }
}

/** By its folder's descriptor: an address has only 108 bytes, a path may have more. */
async function connect(path: string): Promise<Socket> {
  let folder: number | undefined;
  try {
    folder = openSync(dirname(path), "r");
    const socket = createConnection({ path: `/proc/self/fd/${folder}/${basename(path)}`, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket;
  } catch (error) {
    throw new Fault("KERNEL_REFUSED", { errno: error instanceof Error ? error.message : String(error), doing: "attaching to a container" });
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

/** Gives out the frames that native/slash28-run/attach.c describes, as fast as they are taken. */
async function show(socket: Socket, writerOf: (stream: number) => Writable | undefined): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + rest.readUInt16LE(1);
      if (rest.length < end) break;
      const writer = writerOf(rest.readUInt8(0));
      const bytes = rest.subarray(HEAD_BYTES, end);
      if (writer !== undefined && !writer.destroyed) await new Promise<void>((resolve) => void writer.write(bytes, () => resolve()));
      rest = rest.subarray(end);
    }
  }
}
