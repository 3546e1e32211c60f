import type { ApiFailure } from "@slash28/kube-store";

import type { Identity } from "../face.ts";
import type { Serving } from "./api-call.ts";
import { parseResourcePath } from "./request-path.ts";
import { failureOf, NO_SUCH_RESOURCE, respondFailure } from "./respond.ts";
import { isOpenPath, serveMeta } from "./serve-meta.ts";
import { serveResource } from "./serve-resource.ts";

export const UNAUTHORIZED: ApiFailure = { code: 401, reason: "Unauthorized", message: "Unauthorized" };

/** Answers one request. Never rejects: a bug becomes a 500 for this client and a line in the log. */
export async function handleRequest(serving: Serving, request: Request, identity: Identity | undefined): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (identity === undefined && !isOpenPath(pathname)) return respondFailure(UNAUTHORIZED);
  try {
    if (request.method === "GET") {
      const meta = await serveMeta(serving, request, pathname);
      if (meta !== undefined) return meta;
    }
    const path = parseResourcePath(pathname);
    if (path === undefined || identity === undefined) return respondFailure(NO_SUCH_RESOURCE);
    return await serveResource(serving, request, path, identity);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    serving.log.error("a request to the Kubernetes API failed", { method: request.method, path: pathname, detail });
    return respondFailure(failureOf(error));
  }
}
