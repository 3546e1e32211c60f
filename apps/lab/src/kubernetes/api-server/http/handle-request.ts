import type { ApiFailure } from "@slash28/kube-store";

import { impersonate } from "../authentication/impersonation.ts";
import { ANONYMOUS } from "../authentication/well-known-identities.ts";
import { attributesOf } from "../authorization/request-attributes.ts";
import type { Identity } from "../face.ts";
import type { Serving } from "./api-call.ts";
import type { Sender } from "./authentication.ts";
import type { ApiRequest, Reply } from "./exchange.ts";
import { parseResourcePath } from "./request-path.ts";
import { failureOf, NO_SUCH_RESOURCE, respondFailure } from "./respond.ts";
import { isOpenPath, serveMeta } from "./serve-meta.ts";
import { serveResource } from "./serve-resource.ts";

/** The 401, with what is wrong with the credentials that were shown. */
export function unauthorized(why?: string): ApiFailure {
  return { code: 401, reason: "Unauthorized", message: why === undefined ? "Unauthorized" : `Unauthorized: ${why}` };
}

/** Answers one request. Never rejects: a bug becomes a 500 for this client and a line in the log. */
export async function handleRequest(serving: Serving, request: ApiRequest, sender: Sender): Promise<Reply> {
  const { url } = request;
  try {
    // As on EKS since 1.32: without credentials only what is open to everyone is answered.
    if (sender.kind === "refused") return respondFailure(unauthorized(sender.why));
    if (sender.kind === "anonymous" && !isOpenPath(url.pathname)) return respondFailure(unauthorized());
    return await serveTo(serving, request, sender.kind === "known" ? sender.identity : ANONYMOUS);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    serving.log.error("a request to the Kubernetes API failed", { method: request.method, path: url.pathname, detail });
    return respondFailure(failureOf(error));
  }
}

async function serveTo(serving: Serving, request: ApiRequest, sender: Identity): Promise<Reply> {
  const { url } = request;
  const caller = impersonate(serving.authorizer, sender, request.headers);
  if (!caller.ok) return respondFailure(caller.failure);
  const path = parseResourcePath(url.pathname);
  if (!isOpenPath(url.pathname)) {
    const refused = serving.authorizer.refusal(caller.value, attributesOf(request.method, url, path));
    if (refused !== undefined) return respondFailure(refused);
  }
  if (request.method === "GET") {
    const meta = await serveMeta(serving, request, url.pathname);
    if (meta !== undefined) return meta;
  }
  if (path === undefined) return respondFailure(NO_SUCH_RESOURCE);
  return serveResource({ serving, request, query: url.searchParams, identity: caller.value }, path);
}
