import { request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import type { Fields, Store } from "@slash28/kube-store";

import { answerOf, type ReviewAnswer } from "./admission-review.ts";
import type { PodEndpoint } from "../face.ts";
import { endpointOf } from "./service-endpoint.ts";
import type { Webhook } from "./webhook.ts";

/** Opens a TCP connection to a pod; the API server of a lab stands outside the pods' network. */
export type Dial = (endpoint: PodEndpoint) => Socket;

export const dialDirectly: Dial = ({ address, port }) => connectTcp(port, address);

export interface CallOptions {
  readonly store: Store;
  readonly dial: Dial;
}

/** A longer answer is none: no review needs more than an object may have, in base64 and JSON. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;

interface Target {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly open: () => Socket;
}

/** Asks a webhook. `odd` also when it cannot be reached, in the words that follow `failed calling webhook "x": `. */
export async function callWebhook(webhook: Webhook, request: Fields, options: CallOptions): Promise<ReviewAnswer> {
  const target = targetOf(webhook, options);
  if ("why" in target) return { kind: "odd", why: `failed to call webhook: ${target.why}` };
  const body = JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
  try {
    const text = await post(webhook, target, body);
    return answerOf(parsed(text), String(request["uid"]));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { kind: "odd", why: `failed to call webhook: Post ${JSON.stringify(target.url)}: ${why}` };
  }
}

function targetOf(webhook: Webhook, { store, dial }: CallOptions): Target | { readonly why: string } {
  const { place } = webhook;
  const query = `timeout=${webhook.timeoutMs / 1000}s`;
  if (place.kind === "service") {
    const host = `${place.name}.${place.namespace}.svc`;
    const path = `${place.path}${place.path.includes("?") ? "&" : "?"}${query}`;
    const endpoint = endpointOf(store, place);
    const url = `https://${host}:${place.port}${path}`;
    if ("why" in endpoint) return { why: `Post ${JSON.stringify(url)}: ${endpoint.why}` };
    return { url, host, port: place.port, path, open: () => dial(endpoint) };
  }
  if (!URL.canParse(place.url)) return { why: `${JSON.stringify(place.url)} is no URL` };
  const url = new URL(place.url);
  const path = `${url.pathname}${url.search === "" ? "?" : `${url.search}&`}${query}`;
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  const port = url.port === "" ? 443 : Number(url.port);
  return { url: `${url.origin}${path}`, host, port, path, open: () => connectTcp(port, host) };
}

function post({ caPem, timeoutMs }: Webhook, { host, port, path, open }: Target, body: string): Promise<string> {
  const deadline = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(deadline.aborted ? new Error("context deadline exceeded") : cause);
    const request = httpsRequest({
      method: "POST",
      host,
      port,
      path,
      headers: { "content-type": "application/json", accept: "application/json", "content-length": Buffer.byteLength(body) },
      createConnection: () => connectSecurely(open(), host, caPem),
      signal: deadline,
    });
    request.on("error", fail);
    request.on("response", (response) => {
      readAll(response, ANSWER_MAX_BYTES).then((text) => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`the server answered ${response.statusCode ?? 0}: ${text.slice(0, 200)}`));
      }, fail);
    });
    request.end(body);
  });
}

function connectSecurely(socket: Socket, host: string, caPem: string | undefined): TLSSocket {
  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(caPem === undefined ? {} : { ca: caPem }),
  });
  socket.on("error", (cause) => secure.destroy(cause));
  return secure;
}

async function readAll(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > bytesMax) throw new Error(`the answer is larger than ${bytesMax} bytes`);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
