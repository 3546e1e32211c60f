import { createSocket } from "node:dgram";
import { connect, isIPv6, type Socket } from "node:net";
import type { DnsQuestion, DnsReply } from "@slash28/cluster-dns";
import { decodeReply, encodeQuery } from "./client-messages.ts";
import { framed } from "./serve-dns.ts";
import { readFrames } from "./tcp-frames.ts";

/** Another DNS server. */
export interface DnsServerAddress {
  readonly address: string;
  readonly port: number;
}

export interface AskOptions {
  readonly transport: "udp" | "tcp";
  readonly timeoutMs: number;
  /** From [0, 1): message ids. */
  readonly random: () => number;
  readonly wantsDnssec?: boolean;
}

/** Why there is no answer. */
export class NoDnsAnswer extends Error {
  constructor(server: DnsServerAddress, detail: string, options?: { cause?: unknown }) {
    super(`the DNS server ${server.address} did not answer: ${detail}`, options);
    this.name = "NoDnsAnswer";
  }
}

/** Asks one server once. Rejects with {@link NoDnsAnswer}. */
export function askServer(server: DnsServerAddress, question: DnsQuestion, options: AskOptions): Promise<DnsReply> {
  return options.transport === "udp" ? askOverUdp(server, question, options) : askOverTcp(server, question, options);
}

/** From a port of its own, so that an answer from elsewhere has both the port and the id to guess. */
function askOverUdp(server: DnsServerAddress, question: DnsQuestion, { timeoutMs, random, wantsDnssec }: AskOptions): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    const id = Math.floor(random() * 65_536);
    const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
    const end = (outcome: () => void): void => {
      clearTimeout(timer);
      socket.close();
      socket.removeAllListeners();
      socket.on("error", () => undefined);
      outcome();
    };
    const fail = (detail: string): void => end(() => reject(new NoDnsAnswer(server, detail)));
    const timer = setTimeout(() => fail(`nothing in ${timeoutMs} ms`), timeoutMs);
    socket.on("error", (cause) => fail(cause.message));
    socket.on("message", (bytes) => {
      const reply = decodeReply(bytes, id, question);
      if (reply !== undefined) end(() => resolve(reply));
    });
    // A connected socket hears of a port without a listener at once, and hears nobody else.
    socket.connect(server.port, server.address, (cause?: Error) => {
      if (cause !== undefined) fail(cause.message);
      else socket.send(encodeQuery(id, question, wantsDnssec));
    });
  });
}

function askOverTcp(server: DnsServerAddress, question: DnsQuestion, { timeoutMs, random, wantsDnssec }: AskOptions): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    const id = Math.floor(random() * 65_536);
    const socket: Socket = connect({ host: server.address, port: server.port });
    const end = (outcome: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      outcome();
    };
    const fail = (detail: string): void => end(() => reject(new NoDnsAnswer(server, detail)));
    const timer = setTimeout(() => fail(`nothing in ${timeoutMs} ms`), timeoutMs);
    socket.on("error", (cause) => fail(cause.message));
    socket.on("close", () => fail("it closed the connection"));
    readFrames(socket, (bytes) => {
      const reply = decodeReply(bytes, id, question);
      if (reply !== undefined) end(() => resolve(reply));
    });
    socket.on("connect", () => socket.write(framed(encodeQuery(id, question, wantsDnssec))));
  });
}
