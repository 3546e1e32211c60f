import { badRequest, notFound, type ApiFailure, type Result } from "@slash28/kube-store";

import { patchObject, updateObject } from "../operations/change-object.ts";
import type { NamedTarget, Written } from "../operations/cluster.ts";
import { applyObject, applyScale } from "../operations/apply-object.ts";
import { deleteObject } from "../operations/delete-object.ts";
import { writeEphemeralContainers } from "../operations/ephemeral-containers.ts";
import { fromTheFuture, getObject } from "../operations/read-objects.ts";
import { asScale, getScale, writeScale } from "../operations/scale-object.ts";
import { SCALE_DEFINITION } from "../operations/scale-definition.ts";
import { admitted } from "./admitted.ts";
import { isSet, parameter, type ApiCall } from "./api-call.ts";
import { deleteRequestOf } from "./delete-request.ts";
import { versionParameter } from "./list-options.ts";
import type { Reply } from "./exchange.ts";
import { readBody, readPatch } from "./request-body.ts";
import { respondFailure, respondJson } from "./respond.ts";
import { notAcceptable, showingOf } from "./serve-collection.ts";
import { showOne } from "./show-objects.ts";

export type ObjectCall = ApiCall & { readonly target: NamedTarget };

type Part = "main" | "status" | "scale" | "ephemeralcontainers";

export function serveGet(call: ObjectCall, part: Part): Reply {
  const version = versionParameter(call.query);
  const early = version.ok ? fromTheFuture(call.serving.cluster, version.value ?? 0) : version.failure;
  if (early !== undefined) return respondFailure(early);
  const found = part === "scale" ? getScale(call.serving.cluster, call.target) : getObject(call.serving.cluster, call.target);
  return found.ok ? show(call, { ok: true, value: { object: found.value, warnings: [] } }, part) : respondFailure(found.failure);
}

export async function serveUpdate(call: ObjectCall, part: Part): Promise<Reply> {
  const body = readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const written = await admitted(call, (cluster, options) => {
    if (part === "scale") return writeScale(cluster, call.target, body.value, options);
    if (part === "ephemeralcontainers") return writeEphemeralContainers(cluster, call.target, { body: body.value }, options);
    return updateObject(cluster, call.target, body.value, { ...options, part });
  });
  return show(call, written, part);
}

export async function servePatch(call: ObjectCall, part: Part): Promise<Reply> {
  const patch = readPatch(call.request);
  if (!patch.ok) return respondFailure(patch.failure);
  if (patch.value.kind === "apply") return serveApply(call, part, patch.value.body);
  const written = await admitted(call, (cluster, options) => {
    if (part === "scale") return writeScale(cluster, call.target, undefined, { ...options, patch: patch.value });
    if (part === "ephemeralcontainers") return writeEphemeralContainers(cluster, call.target, { patch: patch.value }, options);
    return patchObject(cluster, call.target, patch.value, { ...options, part });
  });
  return show(call, written, part);
}

async function serveApply(call: ObjectCall, part: Part, config: unknown): Promise<Reply> {
  if (part === "ephemeralcontainers") return respondFailure(NO_APPLY);
  const missing = mayNotCreate(call);
  if (missing !== undefined) return respondFailure(missing);
  const asked = { fieldManager: parameter(call.query, "fieldManager") ?? "", force: isSet(call.query, "force") };
  const applied = await admitted(call, (cluster, options) =>
    part === "scale"
      ? applyScale(cluster, call.target, config, { ...options, ...asked })
      : applyObject(cluster, call.target, config, { ...options, ...asked, part }),
  );
  if (part !== "scale") return show(call, applied, part, applied.ok && applied.value.isNew ? 201 : 200);
  return applied.ok ? show(call, asScale(call.target, applied.value), part) : respondFailure(applied.failure);
}

const NO_APPLY: ApiFailure = {
  code: 415,
  reason: "UnsupportedMediaType",
  message: "ephemeral containers are added by JSON, merge and strategic merge patches here, not by server-side apply",
};

/** An apply that makes an object asks for the right to create it, besides the one to patch. */
function mayNotCreate({ serving, target, subresource, identity }: ObjectCall): ApiFailure | undefined {
  if (subresource !== undefined || getObject(serving.cluster, target).ok) return undefined;
  const { definition, name, namespace } = target;
  return serving.authorizer.refusal(identity, { verb: "create", group: definition.group, resource: definition.plural, namespace, name });
}

export async function serveDelete(call: ObjectCall): Promise<Reply> {
  const request = deleteRequestOf(call);
  if (!request.ok) return respondFailure(request.failure);
  const { definition, name } = call.target;
  const gone = await admitted(call, (cluster, { stage }) => deleteObject(cluster, call.target, { ...request.value, stage }));
  if (!gone.ok) return respondFailure(gone.failure);
  if (!gone.value.isGone || definition.storage === "pods") return respondJson(gone.value.object);
  const { uid = "" } = gone.value.object.metadata;
  const details = { name, ...(definition.group === "" ? {} : { group: definition.group }), kind: definition.plural, uid };
  return respondJson({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
}

function show(call: ObjectCall, written: Result<Written>, part: Part, status = 200): Reply {
  if (!written.ok) return respondFailure(written.failure);
  const showing = showingOf(call);
  if (showing === undefined) return notAcceptable();
  const { object, warnings } = written.value;
  const definition = part === "scale" ? SCALE_DEFINITION : call.target.definition;
  return respondJson(showOne(definition, object, showing), { status, warnings: [...call.warnings, ...warnings] });
}

const PARTS: readonly Part[] = ["status", "scale", "ephemeralcontainers"];

/** Which part of an object a subresource is; `undefined` for one that this type does not have. */
export function partOf(call: ApiCall): Part | undefined {
  if (call.subresource === undefined) return "main";
  const isServed = call.target.definition.subresources.includes(call.subresource);
  return isServed ? PARTS.find((part) => part === call.subresource) : undefined;
}

export function objectCall(call: ApiCall): Result<ObjectCall> {
  const { name, definition, namespace } = call.target;
  if (name === undefined) return { ok: false, failure: badRequest("the request names no object") };
  if (definition.isNamespaced && namespace === undefined) return { ok: false, failure: notFound(definition.storage, name) };
  return { ok: true, value: { ...call, target: { ...call.target, name } } };
}
