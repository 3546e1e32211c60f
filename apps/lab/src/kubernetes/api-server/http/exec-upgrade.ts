import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import type { ApiFailure } from "@slash28/kube-store";
import { WebSocketServer, createWebSocketStream } from "ws";

import { impersonate } from "../authentication/impersonation.ts";
import { attributesOf } from "../authorization/request-attributes.ts";
import type { Identity } from "../face.ts";
import { isSet, parameter, type Serving } from "./api-call.ts";
import { runAttachSession, runExecSession, type SessionStreams } from "./exec-session.ts";
import { runForwardSession } from "./forward-session.ts";
import type { Sender } from "./authentication.ts";
import { unauthorized } from "./handle-request.ts";
import { headersOf } from "./node-bridge.ts";
import { parseResourcePath, type ResourcePath } from "./request-path.ts";
import { NO_SUCH_RESOURCE, statusOf } from "./respond.ts";
import { findContainer, findPod } from "./serve-logs.ts";

/** Best first. Channel bytes are the same in both; v5 can also close standard input. */
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

const FORWARD = "portforward.k8s.io";
const TUNNEL = `SPDY/3.1+${FORWARD}`;

interface Upgrading {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export interface UpgradeRequest extends Upgrading {
  readonly sender: Sender;
}

/** Turns requests for `pods/exec`, `pods/attach` and `pods/portforward` into sessions. */
export class ExecUpgrades {
  readonly #serving: Serving;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  readonly #tunnels = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: () => TUNNEL });
  /** Connections that became SPDY. */
  readonly #bare = new Set<Duplex>();

  constructor(serving: Serving) {
    this.#serving = serving;
  }

  handle({ incoming, socket, head, sender }: UpgradeRequest): void {
    const url = new URL(incoming.url ?? "/", "https://kubernetes.default.svc");
    const path = parseResourcePath(url.pathname);
    if (sender.kind !== "known") return refuse(socket, unauthorized(sender.kind === "refused" ? sender.why : undefined));
    const denied = refusedUpgrade(this.#serving, sender.identity, headersOf(incoming), { url, path });
    if (denied !== undefined) return refuse(socket, denied);
    if (path === undefined || path.plural !== "pods" || path.name === undefined) return refuse(socket, NO_SUCH_RESOURCE);
    const at: PodPath = { namespace: path.namespace ?? "", name: path.name, query: url.searchParams };
    switch (path.subresource) {
      case "exec":
        return this.#exec({ incoming, socket, head }, at);
      case "attach":
        return this.#attach({ incoming, socket, head }, at);
      case "portforward":
        return this.#forward({ incoming, socket, head }, at);
      default:
        return refuse(socket, NO_SUCH_RESOURCE);
    }
  }

  #exec({ incoming, socket, head }: Upgrading, { namespace, name, query }: PodPath): void {
    const command = query.getAll("command");
    if (command.length === 0)
      return refuse(socket, { code: 400, reason: "BadRequest", message: "you must specify at least one command for the container" });
    const found = findContainer(this.#serving, namespace, name, parameter(query, "container"));
    if (!found.ok) return refuse(socket, found.failure);
    // Said last: kubectl asks again without WebSockets when it was refused, and shows the second answer.
    if (!offers(incoming, PROTOCOLS)) return refuse(socket, notSpoken("exec"));
    const options = { command, ...streamsOf(query) };
    this.#server.handleUpgrade(incoming, socket, head, (opened) => {
      void runExecSession(opened, found.value, options, this.#serving.closing);
    });
  }

  #attach({ incoming, socket, head }: Upgrading, { namespace, name, query }: PodPath): void {
    const found = findContainer(this.#serving, namespace, name, parameter(query, "container"));
    if (!found.ok) return refuse(socket, found.failure);
    if (!offers(incoming, PROTOCOLS)) return refuse(socket, notSpoken("attach"));
    this.#server.handleUpgrade(incoming, socket, head, (opened) => {
      void runAttachSession(opened, found.value, streamsOf(query), this.#serving.closing);
    });
  }

  /** SPDY inside a WebSocket, as kubectl asks first (KEP-4006), or on the bare connection, as older clients do. */
  #forward({ incoming, socket, head }: Upgrading, { namespace, name }: PodPath): void {
    const found = findPod(this.#serving, namespace, name);
    if (!found.ok) return refuse(socket, found.failure);
    if (offers(incoming, [TUNNEL])) {
      return this.#tunnels.handleUpgrade(incoming, socket, head, (opened) => {
        void runForwardSession(createWebSocketStream(opened), found.value);
      });
    }
    if (incoming.headers.upgrade?.toUpperCase() !== "SPDY/3.1") return refuse(socket, notSpoken("portforward"));
    const answer = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: SPDY/3.1",
      "Connection: Upgrade",
      `X-Stream-Protocol-Version: ${FORWARD}`,
    ];
    socket.write(`${answer.join("\r\n")}\r\n\r\n`);
    if (head.length > 0) socket.unshift(head);
    this.#bare.add(socket);
    socket.once("close", () => this.#bare.delete(socket));
    void runForwardSession(socket, found.value);
  }

  close(): void {
    for (const server of [this.#server, this.#tunnels]) {
      for (const client of server.clients) client.terminate();
      server.close();
    }
    for (const socket of this.#bare) socket.destroy();
  }
}

function streamsOf(query: URLSearchParams): SessionStreams {
  return {
    tty: isSet(query, "tty"),
    stdin: isSet(query, "stdin"),
    stdout: isSet(query, "stdout"),
    stderr: isSet(query, "stderr"),
  };
}

interface PodPath {
  readonly namespace: string;
  readonly name: string;
  readonly query: URLSearchParams;
}

function offers(incoming: IncomingMessage, protocols: readonly string[]): boolean {
  const offered = (incoming.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
  return offered.some((protocol) => protocols.includes(protocol));
}

function notSpoken(what: string): ApiFailure {
  const spoken = what === "portforward" ? `${TUNNEL} over WebSockets, and SPDY/3.1` : `${PROTOCOLS.join(" and ")} over WebSockets`;
  return { code: 400, reason: "BadRequest", message: `${what} speaks ${spoken}; use kubectl 1.30 or later` };
}

/**
 * Why this upgrade is not for its sender. A WebSocket is opened by GET, but a command in a pod is made: both rights are asked for, as
 * Kubernetes does from 1.35 on.
 */
function refusedUpgrade(
  { authorizer }: Serving,
  sender: Identity,
  headers: Headers,
  { url, path }: { readonly url: URL; readonly path: ResourcePath | undefined },
): ApiFailure | undefined {
  const caller = impersonate(authorizer, sender, headers);
  if (!caller.ok) return caller.failure;
  const refusal = (method: string): ApiFailure | undefined => authorizer.refusal(caller.value, attributesOf(method, url, path));
  return refusal("GET") ?? refusal("POST");
}

/** An HTTP answer on a socket that was to become something else. */
function refuse(socket: Duplex, failure: ApiFailure): void {
  const body = JSON.stringify(statusOf(failure));
  socket.end(
    [
      `HTTP/1.1 ${failure.code} ${failure.reason}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      "connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}
