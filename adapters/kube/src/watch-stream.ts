import { Fault } from "@slash28/ports";
import type { CancelSignal, KubeObject, KubeResource, ListOptions, WatchEvent } from "@slash28/ports";
import { unreachable } from "./https-call.ts";
import type { Call, Transport } from "./https-call.ts";
import { createLineSplitter } from "./json-lines.ts";
import { refusalFault } from "./refusal.ts";
import { listQuery, resourcePath } from "./resource-path.ts";

/** How long the server is asked to keep one watch open. */
const WATCH_SECONDS = "300";

type WatchOptions = ListOptions & { readonly signal?: CancelSignal };

/**
 * One watch: ends when the server closes it (after five minutes) or the signal fires, raises `KUBE_UNREACHABLE` when the
 * connection breaks and `KUBE_REFUSED` with status 410 when the history asked for is gone.
 */
export async function* watchEvents<T extends KubeObject>(
  transport: Transport,
  resource: KubeResource,
  resourceVersion: string,
  options: WatchOptions | undefined,
): AsyncGenerator<WatchEvent<T>> {
  const query = listQuery(options, { watch: "1", allowWatchBookmarks: "true", timeoutSeconds: WATCH_SECONDS, resourceVersion });
  const call: Call = { verb: "watch", method: "GET", path: `${resourcePath(resource, { namespace: options?.namespace })}${query}` };
  const signal = options?.signal;
  try {
    const response = await transport.open(call, signal);
    response.setEncoding("utf8");
    if (response.statusCode !== 200) {
      let body = "";
      for await (const chunk of response) body += String(chunk);
      throw refusalFault({ verb: "watch", object: resource.plural, status: response.statusCode ?? 0, body });
    }
    const lines = createLineSplitter();
    for await (const chunk of response) {
      for (const line of lines.push(String(chunk))) yield parseWatchLine<T>(line, resource);
    }
  } catch (cause) {
    if (signal?.aborted === true) return;
    throw cause instanceof Fault ? cause : unreachable(call, cause);
  }
}

/** One line of a watch: an event, or the error the server ends the watch with. */
export function parseWatchLine<T extends KubeObject>(line: string, resource: KubeResource): WatchEvent<T> {
  const event = JSON.parse(line) as { readonly type: string; readonly object: T & { readonly code?: unknown } };
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: event.type, object: event.object };
    case "BOOKMARK":
      return { type: "BOOKMARK", resourceVersion: event.object.metadata.resourceVersion ?? "" };
    default:
      throw refusalFault({
        verb: "watch",
        object: resource.plural,
        status: Number(event.object.code ?? 500),
        body: JSON.stringify(event.object),
      });
  }
}
