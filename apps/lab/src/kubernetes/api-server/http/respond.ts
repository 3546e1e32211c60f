import type { ApiFailure, Fields } from "@slash28/kube-store";
import { Fault } from "@slash28/ports";

import { wholeResponse } from "./whole-body.ts";

const JSON_TYPE = "application/json";

export interface ResponseExtras {
  readonly status?: number;
  readonly contentType?: string;
  readonly warnings?: readonly string[];
}

export function respondJson(body: unknown, extras: ResponseExtras = {}): Response {
  const headers = new Headers({ "content-type": extras.contentType ?? JSON_TYPE, "cache-control": "no-cache, private" });
  // RFC 7234 §5.5; 299 is "miscellaneous persistent warning".
  for (const warning of extras.warnings ?? []) headers.append("warning", `299 - ${JSON.stringify(warning)}`);
  return wholeResponse(`${JSON.stringify(body)}\n`, { status: extras.status ?? 200, headers });
}

export function respondText(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" } });
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

export function respondFailure(failure: ApiFailure): Response {
  const response = respondJson(statusOf(failure), { status: failure.code });
  const seconds = failure.details?.retryAfterSeconds;
  if (seconds !== undefined) response.headers.set("retry-after", String(seconds));
  return response;
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
