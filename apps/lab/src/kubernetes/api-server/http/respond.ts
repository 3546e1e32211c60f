import type { ApiFailure, Fields } from "@slash28/kube-store";
import { Fault } from "@slash28/ports";

import type { Reply } from "./exchange.ts";

const JSON_TYPE = "application/json";

export interface ReplyExtras {
  readonly status?: number;
  readonly contentType?: string;
  readonly warnings?: readonly string[];
}

export function respondJson(body: unknown, { status = 200, contentType = JSON_TYPE, warnings = [] }: ReplyExtras = {}): Reply {
  const headers = { "content-type": contentType, "cache-control": "no-cache, private" };
  const content = `${JSON.stringify(body)}\n`;
  if (warnings.length === 0) return { status, headers, body: { kind: "whole", content } };
  // RFC 7234 §5.5; 299 is "miscellaneous persistent warning".
  const warning = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(", ");
  return { status, headers: { ...headers, warning }, body: { kind: "whole", content } };
}

export function respondText(text: string, status = 200): Reply {
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  return { status, headers, body: { kind: "whole", content: text } };
}

/** A `v1` Status: how Kubernetes says that something failed. */
export function statusOf(failure: ApiFailure): Fields {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: failure.metadata ?? {},
    status: "Failure",
    message: failure.message,
    reason: failure.reason,
    ...(failure.details === undefined ? {} : { details: failure.details }),
    code: failure.code,
  };
}

export function respondFailure(failure: ApiFailure): Reply {
  const reply = respondJson(statusOf(failure), { status: failure.code });
  const seconds = failure.details?.retryAfterSeconds;
  return seconds === undefined ? reply : { ...reply, headers: { ...reply.headers, "retry-after": String(seconds) } };
}

export const NO_SUCH_RESOURCE: ApiFailure = { code: 404, reason: "NotFound", message: "the server could not find the requested resource" };

/** What a node's fault looks like to the client who asked for logs or exec. */
export function failureOf(error: unknown): ApiFailure {
  if (!(error instanceof Fault))
    return {
      code: 500,
      reason: "InternalError",
      message: `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
    };
  if (error.code === "BAD_REQUEST") return { code: 400, reason: "BadRequest", message: error.message };
  const status = Number(error.fields["status"]);
  const detail = String(error.fields["detail"] ?? error.message);
  if (error.code !== "KUBE_REFUSED" || !Number.isInteger(status) || status < 400 || status > 599) {
    return { code: 500, reason: "InternalError", message: `Internal error occurred: ${error.message}` };
  }
  return { code: status, reason: REASONS[status] ?? "InternalError", message: detail };
}

const REASONS: Readonly<Record<number, ApiFailure["reason"]>> = {
  400: "BadRequest",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Gone",
  413: "RequestEntityTooLarge",
  503: "ServiceUnavailable",
};
