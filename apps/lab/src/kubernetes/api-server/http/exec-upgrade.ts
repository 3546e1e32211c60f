import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import type { ApiFailure, Result } from "@slash28/kube-store";
import { WebSocketServer, createWebSocketStream } from "ws";

import { impersonate } from "../authentication/impersonation.ts";
import { attributesOf } from "../authorization/request-attributes.ts";
import type { Identity } from "../face.ts";
import { admitConnection, CONNECTABLE, type ConnectionOptions } from "./admit-connection.ts";
import type { Serving } from "./api-call.ts";
import { runAttachSession, runExecSession } from "./exec-session.ts";
import { runForwardSession } from "./forward-session.ts";
import type { Sender } from "./authentication.ts";
import type { ApiRequest } from "./exchange.ts";
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

  handle(request: UpgradeRequest): void {
    const { socket } = request;
    // Until it is a session, nobody else listens to it.
    const onError = (): void => void socket.destroy();
    socket.on("error", onError);
    this.#open(request)
      .catch((error: unknown) => {
        this.#serving.log.error("a connection to a pod could not be opened", { detail: String(error) });
        socket.destroy();
      })
      .finally(() => socket.off("error", onError));
  }

  async #open({ incoming, socket, head, sender }: UpgradeRequest): Promise<void> {
    const url = new URL(incoming.url ?? "/", "https://kubernetes.default.svc");
    const path = parseResourcePath(url.pathname);
    if (sender.kind !== "known") return refuse(socket, unauthorized(sender.kind === "refused" ? sender.why : undefined));
    const caller = callerOf(this.#serving, sender.identity, headersOf(incoming), { url, path });
    if (!caller.ok) return refuse(socket, caller.failure);
    const to = CONNECTABLE.find((part) => part === path?.subresource);
    if (path?.name === undefined || path.plural !== "pods" || to === undefined) return refuse(socket, NO_SUCH_RESOURCE);
    const { name, namespace = "" } = path;
    const request = { to, namespace, pod: name, query: url.searchParams, caller: caller.value };
    const admitted = await admitConnection(this.#serving, request);
    if (!admitted.ok) return refuse(socket, admitted.failure);
    const wanted: WantedConnection = { namespace, name, ...admitted.value };
    switch (to) {
      case "exec":
        return this.#exec({ incoming, socket, head }, wanted);
      case "attach":
        return this.#attach({ incoming, socket, head }, wanted);
      case "portforward":
        return this.#forward({ incoming, socket, head }, wanted);
      default:
        return to satisfies never;
    }
  }

  #exec({ incoming, socket, head }: Upgrading, wanted: WantedConnection): void {
    const { namespace, name, container, command } = wanted;
    if (command.length === 0)
      return refuse(socket, { code: 400, reason: "BadRequest", message: "you must specify at least one command for the container" });
    const found = findContainer(this.#serving, namespace, name, container);
    if (!found.ok) return refuse(socket, found.failure);
    // Said last: kubectl asks again without WebSockets when it was refused, and shows the second answer.
    if (!offers(incoming, PROTOCOLS)) return refuse(socket, notSpoken("exec"));
    this.#server.handleUpgrade(incoming, socket, head, (opened) => {
      void runExecSession(opened, found.value, wanted, this.#serving.closing);
    });
  }

  #attach({ incoming, socket, head }: Upgrading, wanted: WantedConnection): void {
    const found = findContainer(this.#serving, wanted.namespace, wanted.name, wanted.container);
    if (!found.ok) return refuse(socket, found.failure);
    if (!offers(incoming, PROTOCOLS)) return refuse(socket, notSpoken("attach"));
    this.#server.handleUpgrade(incoming, socket, head, (opened) => {
      void runAttachSession(opened, found.value, wanted, this.#serving.closing);
    });
  }

  /** SPDY inside a WebSocket, as kubectl asks first (KEP-4006), or on the bare connection, as older clients do. */
  #forward({ incoming, socket, head }: Upgrading, { namespace, name }: WantedConnection): void {
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

interface WantedConnection extends ConnectionOptions {
  readonly namespace: string;
  readonly name: string;
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
 * Who asks for this upgrade, or why it is not for them. A WebSocket is opened by GET, but a command in a pod is made: both rights are asked for, as
 * Kubernetes does from 1.35 on.
 */
function callerOf(
  { authorizer }: Serving,
  sender: Identity,
  headers: ApiRequest["headers"],
  { url, path }: { readonly url: URL; readonly path: ResourcePath | undefined },
): Result<Identity> {
  const caller = impersonate(authorizer, sender, headers);
  if (!caller.ok) return caller;
  const refusal = (method: string): ApiFailure | undefined => authorizer.refusal(caller.value, attributesOf(method, url, path));
  const refused = refusal("GET") ?? refusal("POST");
  return refused === undefined ? caller : { ok: false, failure: refused };
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
