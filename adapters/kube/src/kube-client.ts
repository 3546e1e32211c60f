import type { DeleteOptions, Kube, KubeObject, KubeResource, ListOptions, PatchKind, PatchRequest } from "@slash28/ports";
import type { KubeConnection } from "./connection.ts";
import { createTransport } from "./https-call.ts";
import type { Answer, Call, Transport } from "./https-call.ts";
import { refusalFault } from "./refusal.ts";
import { listQuery, resourcePath } from "./resource-path.ts";
import { watchEvents } from "./watch-stream.ts";

/** A `Kube` with connections to give back. */
export interface KubeClient extends Kube {
  /** Closes idle connections; watches end by their own signal. */
  close(): void;
}

const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
};

/** Objects per page of a list; the same as client-go's. */
const PAGE_SIZE = "500";
/** How often a call that the server put off (429) is sent again before its refusal counts. */
const PUT_OFF_TRIES = 5;
const PUT_OFF_MAX_SECONDS = 10;

/** The Kubernetes API over HTTPS. Nothing is sent before the first call. */
export function createKube(connection: KubeConnection): KubeClient {
  const transport = createTransport(connection);
  const calls = { transport, clock: connection.clock };
  return {
    get: (resource, name, namespace) => getObject(calls, resource, name, namespace),
    list: (resource, options) => listObjects(calls, resource, options),
    watch: (resource, resourceVersion, options) => watchEvents(transport, resource, resourceVersion, options),
    create: <T extends KubeObject>(resource: KubeResource, object: T) =>
      send<T>(calls, {
        verb: "create",
        method: "POST",
        path: resourcePath(resource, { namespace: object.metadata.namespace }),
        body: object,
      }),
    update: <T extends KubeObject>(resource: KubeResource, object: T, subresource?: string) =>
      send<T>(calls, {
        verb: "update",
        method: "PUT",
        path: resourcePath(resource, { namespace: object.metadata.namespace, name: object.metadata.name, subresource }),
        body: object,
      }),
    patch: (resource, name, namespace, patch) => send(calls, patchCall(resource, name, namespace, patch)),
    delete: (resource, name, namespace, options) => deleteObject(calls, resource, { name, namespace }, options),
    close: () => transport.close(),
  };
}

interface Calls {
  readonly transport: Transport;
  readonly clock: KubeConnection["clock"];
}

function patchCall(resource: KubeResource, name: string, namespace: string | undefined, patch: PatchRequest): Call {
  return {
    verb: "patch",
    method: "PATCH",
    path: resourcePath(resource, { namespace, name, subresource: patch.subresource }),
    body: patch.body,
    contentType: PATCH_TYPES[patch.kind],
  };
}

async function getObject<T extends KubeObject>(calls: Calls, resource: KubeResource, name: string, namespace?: string) {
  const call: Call = { verb: "get", method: "GET", path: resourcePath(resource, { namespace, name }) };
  const answer = await answerOf(calls, call);
  return answer.status === 404 ? undefined : parseBody<T>(answer, call);
}

async function deleteObject(
  calls: Calls,
  resource: KubeResource,
  named: { readonly name: string; readonly namespace: string | undefined },
  options: DeleteOptions = {},
): Promise<void> {
  const body = {
    kind: "DeleteOptions",
    apiVersion: "v1",
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
    ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
  };
  const call: Call = { verb: "delete", method: "DELETE", path: resourcePath(resource, named), body };
  const answer = await answerOf(calls, call);
  if (answer.status !== 404) refuse(answer, call);
}

interface ListBody<T> {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

async function listObjects<T extends KubeObject>(calls: Calls, resource: KubeResource, options: ListOptions | undefined) {
  const items: T[] = [];
  let token: string | undefined;
  let resourceVersion = "";
  do {
    const path = `${resourcePath(resource, { namespace: options?.namespace })}${listQuery(options, { limit: PAGE_SIZE, continue: token })}`;
    const page = await send<ListBody<T>>(calls, { verb: "list", method: "GET", path });
    // The items of a list come without the type that the list itself names.
    const type = { apiVersion: page.apiVersion ?? "", kind: (page.kind ?? "").replace(/List$/, "") };
    for (const item of page.items ?? []) items.push({ ...type, ...item });
    resourceVersion = page.metadata?.resourceVersion ?? resourceVersion;
    token = page.metadata?.continue;
  } while (token !== undefined && token !== "");
  return { items, resourceVersion };
}

async function send<T>(calls: Calls, call: Call): Promise<T> {
  return parseBody<T>(await answerOf(calls, call), call);
}

/** The answer to a call, after the pauses the server asked for with 429. */
async function answerOf(calls: Calls, call: Call): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await calls.transport.call(call);
    if (answer.status !== 429 || tries >= PUT_OFF_TRIES) return answer;
    await calls.clock.sleep(Math.min(answer.retryAfterSeconds ?? 1, PUT_OFF_MAX_SECONDS) * 1_000);
  }
}

function parseBody<T>(answer: Answer, call: Call): T {
  refuse(answer, call);
  try {
    return JSON.parse(answer.body) as T;
  } catch {
    throw refusalFault({ verb: call.verb, object: objectOf(call), status: answer.status, body: `not JSON: ${answer.body}` });
  }
}

function refuse(answer: Answer, call: Call): void {
  if (answer.status < 200 || answer.status >= 300) {
    throw refusalFault({ verb: call.verb, object: objectOf(call), status: answer.status, body: answer.body });
  }
}

/** How errors name what was called: the path without the API's root. */
export function objectOf(call: Call): string {
  return (call.path.split("?")[0] ?? "").replace(/^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\//, "");
}
