import { Agent as HttpAgent, request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Fault } from "@slash28/ports";
import type { CancelSignal } from "@slash28/ports";
import type { KubeConnection } from "./connection.ts";
import { createTokenSource } from "./token-source.ts";

export interface Call {
  readonly verb: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds: number | undefined;
}

/** One API server over kept-alive connections. Rejects with `KUBE_UNREACHABLE`; a refusal is an answer. */
export interface Transport {
  call(call: Call): Promise<Answer>;
  /** Resolves with the response once its headers are there; the caller reads the body. */
  open(call: Call, signal: CancelSignal | undefined): Promise<IncomingMessage>;
  close(): void;
}

const CALL_TIMEOUT_MS = 30_000;
/** A dead peer (a node gone without a word) is noticed by TCP keep-alive. */
const KEEP_ALIVE_MS = 15_000;
/** A watch that is silent for longer than it was asked to last is dead. */
const WATCH_SILENCE_MS = 330_000;

export function createTransport(connection: KubeConnection): Transport {
  const base = new URL(connection.server);
  const isTls = base.protocol === "https:";
  const send = isTls ? httpsRequest : httpRequest;
  const agentOptions = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, maxFreeSockets: 16 };
  const agent = isTls ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const token = createTokenSource(connection.credentials, connection.clock);
  const tls = tlsOptions(connection);

  const start = async (call: Call): Promise<ClientRequest> => {
    const bearer = await token.current();
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const options: RequestOptions = {
      method: call.method,
      headers: {
        accept: "application/json",
        "user-agent": connection.userAgent ?? "slash28",
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { "content-type": call.contentType ?? "application/json", "content-length": body.byteLength }),
      },
    };
    const request = send(new URL(call.path, base), { ...options, ...tls, agent });
    request.end(body);
    return request;
  };

  return {
    async call(call) {
      const request = await start(call);
      const timeoutMs = connection.timeoutMs ?? CALL_TIMEOUT_MS;
      request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      const answer = await readAnswer(request, call);
      if (answer.status === 401) token.forget();
      return answer;
    },
    async open(call, signal) {
      const request = await start(call);
      const stop = (): void => void request.destroy();
      if (signal?.aborted === true) stop();
      signal?.addEventListener("abort", stop, { once: true });
      request.once("close", () => signal?.removeEventListener("abort", stop));
      request.setTimeout(WATCH_SILENCE_MS, () => request.destroy(new Error("the watch fell silent")));
      const response = await responseOf(request, call);
      if (response.statusCode === 401) token.forget();
      return response;
    },
    close: () => agent.destroy(),
  };
}

function tlsOptions(connection: KubeConnection): object {
  const { credentials } = connection;
  return {
    ...(connection.ca === undefined ? {} : { ca: connection.ca }),
    ...(connection.skipTlsVerify === true ? { rejectUnauthorized: false } : {}),
    ...(credentials.kind === "certificate" ? { cert: credentials.certificate, key: credentials.key } : {}),
  };
}

function responseOf(request: ClientRequest, call: Call): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    // Stays for later errors of the socket too: those reach the reader of the response.
    request.on("error", (cause) => reject(unreachable(call, cause)));
  });
}

async function readAnswer(request: ClientRequest, call: Call): Promise<Answer> {
  const response = await responseOf(request, call);
  response.setEncoding("utf8");
  let body = "";
  try {
    for await (const chunk of response) body += String(chunk);
  } catch (cause) {
    throw unreachable(call, cause);
  }
  const retryAfter = Number(response.headers["retry-after"]);
  return { status: response.statusCode ?? 0, body, retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined };
}

export function unreachable(call: Call, cause: unknown): Fault {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new Fault("KUBE_UNREACHABLE", { detail: `${call.method} ${call.path.split("?")[0]}: ${detail}` }, { cause });
}
