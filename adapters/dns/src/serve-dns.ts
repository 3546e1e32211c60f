import type { Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { bareReply, type DnsReply } from "@slash28/cluster-dns";
import { decodeQuery, type DnsQuery } from "./query.ts";
import { encodeFault, encodeReply, TCP_SIZE, udpLimitOf } from "./encode-reply.ts";
import { readFrames } from "./tcp-frames.ts";

/** Whoever asks. */
export interface DnsClient {
  readonly transport: "udp" | "tcp";
  readonly address: string;
  readonly port: number;
}

export type AnswerQuery = (query: DnsQuery, client: DnsClient) => Promise<DnsReply>;

export interface DnsListener {
  close(): Promise<void>;
}

/** How long a TCP client may be silent before its connection is closed (RFC 7766 asks for a few seconds). */
const IDLE_MS = 10_000;

/** Answers over a bound datagram socket. `onBug` hears of what `answer` should not have thrown; the client gets SERVFAIL. */
export function serveUdp(socket: DatagramSocket, answer: AnswerQuery, onBug: (cause: unknown) => void): DnsListener {
  socket.on("message", (bytes, { address, port }) => {
    const send = (reply: Uint8Array): void => socket.send(reply, port, address, () => undefined);
    void respond(bytes, { transport: "udp", address, port }, answer, onBug).then(
      (reply) => reply !== undefined && !isClosed && send(reply),
    );
  });
  // A client that is gone says so by ICMP; that is its affair.
  socket.on("error", () => undefined);
  let isClosed = false;
  return {
    async close() {
      if (isClosed) return;
      isClosed = true;
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

/** Answers over a listening server, several questions per connection, each as soon as it is known. */
export function serveTcp(server: Server, answer: AnswerQuery, onBug: (cause: unknown) => void): DnsListener {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    const client: DnsClient = { transport: "tcp", address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    readFrames(socket, (bytes) => {
      void respond(bytes, client, answer, onBug).then((reply) => reply !== undefined && socket.writable && socket.write(framed(reply)));
    });
  });
  return {
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function respond(
  bytes: Uint8Array,
  client: DnsClient,
  answer: AnswerQuery,
  onBug: (cause: unknown) => void,
): Promise<Uint8Array | undefined> {
  const decoded = decodeQuery(bytes);
  switch (decoded.kind) {
    case "noise":
      return undefined;
    case "fault":
      return encodeFault(decoded.id, decoded.opcode, decoded.fault);
    case "query": {
      const { query } = decoded;
      const limit = client.transport === "udp" ? udpLimitOf(query) : TCP_SIZE;
      try {
        return encodeReply(query, await answer(query, client), limit);
      } catch (cause) {
        onBug(cause);
        return encodeReply(query, bareReply("SERVFAIL"), limit);
      }
    }
    default:
      return decoded satisfies never;
  }
}

/** With its length in front, as DNS goes over TCP. */
export function framed(message: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(message.length >>> 8, message.length & 255), message]);
}
