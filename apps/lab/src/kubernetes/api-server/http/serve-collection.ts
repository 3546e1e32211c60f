import type { ApiFailure } from "@slash28/kube-store";

import { present } from "../operations/cluster.ts";
import { createObject } from "../operations/create-object.ts";
import { deleteObject } from "../operations/delete-object.ts";
import { listObjects, watchObjects, type Listed, type Selection } from "../operations/read-objects.ts";
import type { ResourceDefinition } from "../resources/resource-definition.ts";
import { acceptedForm } from "./accepted-form.ts";
import { admitted } from "./admitted.ts";
import { countParameter, isSet, parameter, type ApiCall } from "./api-call.ts";
import { deleteRequestOf } from "./delete-request.ts";
import { pageOf, startOfWatch } from "./list-options.ts";
import { eventBytes, listPieces } from "./object-text.ts";
import type { Reply } from "./exchange.ts";
import { readBody } from "./request-body.ts";
import { respondFailure, respondJson, statusOf } from "./respond.ts";
import { includeOf, showBookmark, showList, showOne, type Showing } from "./show-objects.ts";
import { respondEvent, respondWatch } from "./watch-response.ts";

const NOT_ACCEPTABLE: ApiFailure = {
  code: 406,
  reason: "NotAcceptable",
  message: "only the following media types are accepted: application/json",
};

/** How this request wants to see objects; `undefined` when it takes nothing that is served. */
export function showingOf(call: ApiCall): Showing | undefined {
  const form = acceptedForm(call.request.headers["accept"]);
  return form === undefined ? undefined : { form, include: includeOf(call.query), now: call.serving.clock.now() };
}

export function notAcceptable(): Reply {
  return respondFailure(NOT_ACCEPTABLE);
}

function selectionOf(call: ApiCall): Selection {
  const byName = call.target.name === undefined ? undefined : `metadata.name=${call.target.name}`;
  const fields = [parameter(call.query, "fieldSelector"), byName].filter((part) => part !== undefined).join(",");
  return { labelSelector: parameter(call.query, "labelSelector"), fieldSelector: fields };
}

export function serveList(call: ApiCall): Reply {
  const showing = showingOf(call);
  if (showing === undefined) return notAcceptable();
  const page = pageOf(call.query);
  if (!page.ok) return respondFailure(page.failure);
  const listed = listObjects(call.serving.cluster, call.target, selectionOf(call), page.value);
  return listed.ok ? respondList(call.target.definition, listed.value, showing) : respondFailure(listed.failure);
}

/** Plain lists go out object by object, as they were written before; the other forms are worked out for each request. */
function respondList(definition: ResourceDefinition, listed: Listed, showing: Showing): Reply {
  if (showing.form !== "plain") return respondJson(showList(definition, listed, showing));
  const { items, ...head } = showList(definition, { ...listed, items: [] }, showing);
  const text = JSON.stringify({ ...head, items }).slice(0, -2);
  const headers = { "content-type": "application/json", "cache-control": "no-cache, private" };
  return { status: 200, headers, body: { kind: "pieces", pieces: listPieces(text, listed.items, "]}\n") } };
}

const WATCH_SHORTEST_MS = 30 * 60_000;

export function serveWatch(call: ApiCall): Reply {
  const showing = showingOf(call);
  if (showing === undefined) return notAcceptable();
  const { query, serving } = call;
  const start = startOfWatch(query);
  if (!start.ok) return respondFailure(start.failure);
  const { sendsInitial, marksEnd, after = serving.cluster.store.version } = start.value;
  const watch = watchObjects(serving.cluster, call.target, selectionOf(call), sendsInitial ? undefined : after);
  // Once it is clear what is to be watched, what is wrong is an event of the watch, as upstream's watch cache has it.
  if (!watch.ok) return watch.failure.code === 410 ? respondEvent("ERROR", statusOf(watch.failure)) : respondFailure(watch.failure);
  const { definition } = call.target;
  const seconds = countParameter(query, "timeoutSeconds") ?? 0;
  const withBookmarks = isSet(query, "allowWatchBookmarks");
  let isFirst = true;
  return respondWatch({
    watch: watch.value,
    clock: serving.clock,
    timeoutMs: seconds > 0 ? seconds * 1000 : WATCH_SHORTEST_MS,
    bookmarks: withBookmarks ? (marksEnd ? "regular-and-initial" : "regular") : "none",
    line: showing.form === "plain" ? ({ type, object }) => eventBytes(type, present(definition, object)) : undefined,
    show(object) {
      const shown = showOne(definition, present(definition, object), { ...showing, now: serving.clock.now() });
      // Only the first table of a watch carries the column definitions.
      const isLater = !isFirst && showing.form === "table";
      isFirst = false;
      return isLater ? { ...(shown as object), columnDefinitions: null } : shown;
    },
    bookmark: (resourceVersion, isInitialEnd) => showBookmark(definition, resourceVersion, isInitialEnd, showing),
    closing: serving.closing,
  });
}

export async function serveCreate(call: ApiCall): Promise<Reply> {
  const body = readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const showing = showingOf(call);
  if (showing === undefined) return notAcceptable();
  const written = await admitted(call, (cluster, options) => createObject(cluster, call.target, body.value, options));
  if (!written.ok) return respondFailure(written.failure);
  const { object, warnings } = written.value;
  return respondJson(showOne(call.target.definition, object, showing), { status: 201, warnings: [...call.warnings, ...warnings] });
}

export async function serveDeleteCollection(call: ApiCall): Promise<Reply> {
  const showing = showingOf(call);
  if (showing === undefined) return notAcceptable();
  const request = deleteRequestOf(call);
  if (!request.ok) return respondFailure(request.failure);
  const listed = listObjects(call.serving.cluster, call.target, selectionOf(call));
  if (!listed.ok) return respondFailure(listed.failure);
  for (const { metadata } of listed.value.items) {
    const target = { ...call.target, name: metadata.name, namespace: metadata.namespace };
    const gone = await admitted(call, (cluster, { stage }) => deleteObject(cluster, target, { ...request.value, stage }));
    if (!gone.ok && gone.failure.code !== 404) return respondFailure(gone.failure);
  }
  return respondJson(showList(call.target.definition, listed.value, showing));
}
