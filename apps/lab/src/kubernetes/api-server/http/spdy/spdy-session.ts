import { Duplex } from "node:stream";
import { dataFrame, pingFrame, readFrames, replyFrame, resetFrame } from "./frames.ts";
import type { Frame } from "./frames.ts";
import { createHeaderBlocks } from "./header-blocks.ts";
import type { HeaderBlocks } from "./header-blocks.ts";

/** A stream that the client has opened. */
export interface SpdyStream {
  readonly headers: ReadonlyMap<string, string>;
  readonly stream: Duplex;
}

const CANCELLED = 5;
/** Kubernetes' clients open two streams per connection. */
const STREAMS_MAX = 1_000;

/**
 * The server's side of a SPDY/3.1 connection. Like Kubernetes' own it heeds no windows: a slow reader holds the whole connection
 * back. Resolves when the connection is over.
 */
export async function serveSpdy(connection: Duplex, onStream: (opened: SpdyStream) => void): Promise<void> {
  const session: Session = { connection, streams: new Map(), blocks: createHeaderBlocks() };
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of connection as AsyncIterable<Buffer>) {
      const read = readFrames(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
      if (read === undefined) break;
      rest = read.rest;
      for (const frame of read.frames) await take(session, frame, onStream);
    }
  } catch {
    // The client is gone, or does not speak SPDY: either way there is nobody to tell.
  } finally {
    for (const stream of session.streams.values()) stream.destroy();
    session.blocks.close();
    connection.destroy();
  }
}

interface Session {
  readonly connection: Duplex;
  readonly streams: Map<number, Duplex>;
  readonly blocks: HeaderBlocks;
}

async function take(session: Session, frame: Frame, onStream: (opened: SpdyStream) => void): Promise<void> {
  const { connection, streams, blocks } = session;
  switch (frame.kind) {
    case "open": {
      const headers = await blocks.read(frame.headers);
      if (streams.size >= STREAMS_MAX) return void connection.write(resetFrame(frame.stream, CANCELLED));
      connection.write(replyFrame(frame.stream, await blocks.write(new Map())));
      const stream = openStream(session, frame.stream);
      if (frame.isLast) stream.push(null);
      return onStream({ headers, stream });
    }
    case "data": {
      const stream = streams.get(frame.stream);
      if (stream !== undefined && frame.data.length > 0 && !stream.push(frame.data)) await drained(stream);
      if (frame.isLast) stream?.push(null);
      return;
    }
    case "headers":
      // Read all the same: blocks are one compressed stream.
      return void (await blocks.read(frame.headers));
    case "reset":
      return void streams.get(frame.stream)?.destroy();
    case "ping":
      return void connection.write(pingFrame(frame.id));
    case "go-away":
      return void connection.end();
    case "other":
      return;
    default:
      frame satisfies never;
  }
}

const WAITING = Symbol("waits to be read");
type Waiting = Duplex & { [WAITING]?: () => void };

function openStream({ connection, streams }: Session, id: number): Duplex {
  const send = (bytes: Buffer, done: () => void): void => {
    if (connection.destroyed || connection.write(bytes)) done();
    else connection.once("drain", done);
  };
  const stream: Waiting = new Duplex({
    allowHalfOpen: true,
    read() {
      stream[WAITING]?.();
    },
    write: (chunk: Buffer, _encoding, done) => send(dataFrame(id, chunk, false), done),
    final: (done) => send(dataFrame(id, new Uint8Array(), true), done),
    destroy(error, done) {
      streams.delete(id);
      stream[WAITING]?.();
      if (!stream.writableFinished && !connection.destroyed) connection.write(resetFrame(id, CANCELLED));
      done(error);
    },
  });
  streams.set(id, stream);
  return stream;
}

/** Resolves when somebody reads on, or the stream is gone. */
function drained(stream: Waiting): Promise<void> {
  return new Promise((resolve) => {
    stream[WAITING] = () => {
      delete stream[WAITING];
      resolve();
    };
    if (stream.destroyed) stream[WAITING]();
  });
}
