import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import type { ApiFailure } from "@slash28/kube-store";
import { WebSocketServer } from "ws";

import { impersonate } from "../authentication/impersonation.ts";
import { forbiddenTo } from "../authorization/forbidden.ts";
import { attributesOf } from "../authorization/request-attributes.ts";
import type { Identity } from "../face.ts";
import { isSet, parameter, type Serving } from "./api-call.ts";
import { runExecSession } from "./exec-session.ts";
import type { Sender } from "./authentication.ts";
import { unauthorized } from "./handle-request.ts";
import { headersOf } from "./node-bridge.ts";
import { parseResourcePath } from "./request-path.ts";
import { NO_SUCH_RESOURCE, statusOf } from "./respond.ts";
import { findContainer } from "./serve-logs.ts";

/** Best first. Channel bytes are the same in both; v5 can also close standard input. */
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

export interface UpgradeRequest {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly sender: Sender;
}

/** Turns requests for `pods/exec` into WebSocket sessions. */
export class ExecUpgrades {
  readonly #serving: Serving;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  constructor(serving: Serving) {
    this.#serving = serving;
  }

  handle({ incoming, socket, head, sender }: UpgradeRequest): void {
    const url = new URL(incoming.url ?? "/", "https://kubernetes.default.svc");
    const path = parseResourcePath(url.pathname);
    if (sender.kind !== "known") return refuse(socket, unauthorized(sender.kind === "refused" ? sender.why : undefined));
    const denied = refusedUpgrade(this.#serving, incoming, url, sender.identity);
    if (denied !== undefined) return refuse(socket, denied);
    if (path === undefined || path.plural !== "pods" || path.subresource !== "exec" || path.name === undefined)
      return refuse(socket, NO_SUCH_RESOURCE);
    const query = url.searchParams;
    const command = query.getAll("command");
    if (command.length === 0)
      return refuse(socket, { code: 400, reason: "BadRequest", message: "you must specify at least one command for the container" });
    const found = findContainer(this.#serving, path.namespace ?? "", path.name, parameter(query, "container"));
    if (!found.ok) return refuse(socket, found.failure);
    // Said last: kubectl asks again without WebSockets when it was refused, and shows the second answer.
    const offered = (incoming.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
    if (!offered.some((protocol) => PROTOCOLS.includes(protocol))) {
      return refuse(socket, {
        code: 400,
        reason: "BadRequest",
        message: `exec speaks ${PROTOCOLS.join(" and ")} over WebSockets; use kubectl 1.30 or later`,
      });
    }
    const options = {
      command,
      tty: isSet(query, "tty"),
      stdin: isSet(query, "stdin"),
      stdout: isSet(query, "stdout"),
      stderr: isSet(query, "stderr"),
    };
    this.#server.handleUpgrade(incoming, socket, head, (opened) => {
      void runExecSession(opened, found.value, options, this.#serving.closing);
    });
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}

/**
 * Why this upgrade is not for its sender. A WebSocket is opened by GET, but a command in a pod is made: both rights are asked for, as
 * Kubernetes does from 1.35 on.
 */
function refusedUpgrade(serving: Serving, incoming: IncomingMessage, url: URL, sender: Identity): ApiFailure | undefined {
  const caller = impersonate(serving.authorizer, sender, headersOf(incoming));
  if (!caller.ok) return caller.failure;
  const path = parseResourcePath(url.pathname);
  for (const method of ["GET", "POST"]) {
    const attributes = attributesOf(method, url, path);
    const decision = serving.authorizer.decide(caller.value, attributes);
    if (!decision.isAllowed) return forbiddenTo(caller.value, attributes, decision.reason);
  }
  return undefined;
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
