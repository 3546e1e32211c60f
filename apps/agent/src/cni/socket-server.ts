import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { HttpAnswer } from "../report/http-endpoint.ts";
import { claimSocket } from "./claim-socket.ts";
import type { CniAnswer } from "./cni-answer.ts";
import type { CniEnvelope } from "./cni-request.ts";

export interface CniSocketOptions {
  readonly path: string;
  /** Never rejects: an error is an answer too. */
  readonly serve: (envelope: CniEnvelope) => Promise<CniAnswer>;
  /** Whether the agent works; the sentence says why not. */
  readonly health: () => { readonly healthy: boolean; readonly text: string };
  /** Counts of the node's addresses by state. */
  readonly pool: () => Readonly<Record<string, number>>;
  /** Metrics and introspection, by path; also where their ports are switched off. Rejects for a bug. */
  readonly report: (path: string) => Promise<HttpAnswer>;
}

export interface CniSocket {
  /** Takes no new request; resolves when those under way are answered. */
  close(): Promise<void>;
}

/** The longest network configuration, in bytes; runtimes pass a few kilobytes. */
const CONFIG_MAX = 1 << 20;

/**
 * Listens for the plugin: `POST /cni` with the CNI variables as `Cni-…` headers and the network configuration as body. See {@link claimSocket} for who may connect, and whose socket is replaced.
 */
export async function listenForPlugin(options: CniSocketOptions): Promise<CniSocket> {
  const server = createServer(
    { maxHeaderSize: 64 * 1024, keepAlive: false },
    (request, response) => void answer(request, response, options),
  );
  server.requestTimeout = 10_000;
  await claimSocket(server, options.path);
  return { close: () => close(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: CniSocketOptions): Promise<void> {
  response.on("error", () => request.destroy());
  const route = `${request.method} ${request.url}`;
  if (route === "GET /healthz") {
    const { healthy, text } = options.health();
    send(response, healthy ? 200 : 503, {}, `${text}\n`);
  } else if (route === "GET /pool") {
    send(response, 200, { "Content-Type": "application/json" }, `${JSON.stringify(options.pool())}\n`);
  } else if (route === "GET /metrics" || route.startsWith("GET /v1/")) {
    await report(response, options.report(request.url ?? ""));
  } else if (route !== "POST /cni") {
    send(response, 404, {}, "POST /cni, GET /healthz, GET /pool, GET /metrics or GET /v1/…\n");
  } else {
    const config = await readBody(request);
    if (config === undefined) return send(response, 413, {}, "the network configuration is too long\n");
    const { exitCode, body } = await options.serve(envelopeOf(request, config));
    send(response, 200, { "Cni-Exit": String(exitCode), "Content-Type": "application/json" }, body);
  }
}

async function report(response: ServerResponse, asked: Promise<HttpAnswer>): Promise<void> {
  try {
    const { status, type, body } = await asked;
    send(response, status, { "Content-Type": type }, body);
  } catch (cause) {
    send(response, 500, {}, `${String(cause)}\n`);
  }
}

function envelopeOf(request: IncomingMessage, config: string): CniEnvelope {
  return {
    command: header(request, "cni-command") ?? "",
    containerId: header(request, "cni-container-id"),
    netns: header(request, "cni-netns"),
    ifName: header(request, "cni-ifname"),
    args: header(request, "cni-args"),
    config,
  };
}

/** Header text arrives as Latin-1; what the runtime set is UTF-8. */
function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" ? Buffer.from(value, "latin1").toString("utf8") : undefined;
}

/** The body as text; `undefined` when it is longer than allowed or the plugin went away. */
function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > CONFIG_MAX) resolve(undefined);
      else chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", () => resolve(undefined));
    request.on("close", () => resolve(undefined));
  });
}

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: string): void {
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body), Connection: "close" }).end(body);
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  await closed;
}
