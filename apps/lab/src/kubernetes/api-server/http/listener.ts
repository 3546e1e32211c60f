import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

import { badRequest, type ApiFailure } from "@slash28/kube-store";

import type { KeyPair } from "../certificates/authority.ts";
import type { Listening, ListenTarget } from "../face.ts";
import type { Serving } from "./api-call.ts";
import { identify, type ReviewToken, type Sender } from "./authentication.ts";
import { ExecUpgrades } from "./exec-upgrade.ts";
import { handleRequest } from "./handle-request.ts";
import { requestOf, send } from "./node-bridge.ts";
import { TOO_LARGE } from "./request-body.ts";
import { respondFailure } from "./respond.ts";
import { receiveBody } from "./whole-body.ts";

export interface ListenerOptions {
  readonly serving: Serving;
  readonly server: KeyPair;
  readonly caPem: string;
}

/** Accepts HTTPS connections at one place. Rejects with the system's error when the place is taken. */
export async function startListener(options: ListenerOptions, target: ListenTarget): Promise<Listening> {
  const { serving } = options;
  const execs = new ExecUpgrades(serving);
  const review: ReviewToken = (token) => serving.authenticator.review(token);
  const server = createServer({
    cert: options.server.certPem,
    key: options.server.keyPem,
    ca: options.caPem,
    requestCert: true,
    // Callers without a certificate may still have a token.
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
  });
  // Watches and followed logs are quiet for long.
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on("request", (incoming, outgoing) => void answer(serving, incoming, outgoing, () => identify(incoming, review)));
  server.on("upgrade", (incoming, socket, head) => {
    socket.on("error", () => socket.destroy());
    void identify(incoming, review).then((sender) => execs.handle({ incoming, socket, head, sender }));
  });
  await listening(server, target);
  const { address: host, port } = addressOf(server);
  return {
    host,
    port,
    url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    close: () => closed(server, execs),
  };
}

const KEEP_ALIVE_MS = 120_000;

async function answer(
  serving: Serving,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  identify: () => Promise<Sender>,
): Promise<void> {
  const body = await receiveBody(incoming);
  if (body.kind === "cut-off") return void outgoing.destroy();
  if (body.kind === "too-large") return refuse(outgoing, TOO_LARGE);
  const request = requestOf(incoming, body.bytes, outgoing);
  if (request === undefined) return refuse(outgoing, badRequest("the request's method, target or headers cannot be read"));
  await send(await handleRequest(serving, request, await identify()), outgoing);
}

/** Answers without taking the rest in, and closes: what follows on the connection is not known to be a request. */
async function refuse(outgoing: ServerResponse, failure: ApiFailure): Promise<void> {
  outgoing.setHeader("connection", "close");
  await send(respondFailure(failure), outgoing);
}

function listening(server: Server, target: ListenTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(target, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function addressOf(server: Server): { readonly address: string; readonly port: number } {
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address : { address: "127.0.0.1", port: 0 };
}

function closed(server: Server, execs: ExecUpgrades): Promise<void> {
  execs.close();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
