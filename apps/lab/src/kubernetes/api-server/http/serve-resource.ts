import { bindPod } from "../operations/pod-placement.ts";
import { at, textOf, type ApiFailure } from "@slash28/kube-store";

import { ALL_VERBS } from "../resources/resource-definition.ts";
import { admitted } from "./admitted.ts";
import { isSet, type AllowedRequest, type ApiCall } from "./api-call.ts";
import type { Reply } from "./exchange.ts";
import { readBody } from "./request-body.ts";
import type { ResourcePath } from "./request-path.ts";
import { NO_SUCH_RESOURCE, respondFailure, respondJson } from "./respond.ts";
import { serveCreate, serveDeleteCollection, serveList, serveWatch } from "./serve-collection.ts";
import { objectCall, partOf, serveDelete, serveGet, servePatch, serveUpdate, type ObjectCall } from "./serve-object.ts";
import { isReview, serveReview } from "./serve-review.ts";
import { serveSubresource } from "./serve-subresource.ts";

const NOT_ALLOWED: ApiFailure = {
  code: 405,
  reason: "MethodNotAllowed",
  message: "the server does not allow this method on the requested resource",
};

const AUTOSCALERS = "horizontalpodautoscalers";
/** For `kubectl autoscale`, which asks without looking whether the type is there. */
const NO_AUTOSCALERS: ApiFailure = {
  ...NO_SUCH_RESOURCE,
  message:
    "a lab serves HorizontalPodAutoscaler as autoscaling/v2 only, and scales nothing by it, because nothing measures CPU and memory; set replicas with kubectl scale",
};

/** Answers a request to a resource, a collection of one or a part of an object. */
export async function serveResource(allowed: AllowedRequest, path: ResourcePath): Promise<Reply> {
  const { serving, request, query } = allowed;
  const definition = serving.cluster.registry.find(path.group, path.version, path.plural);
  if (definition === undefined) return respondFailure(path.plural === AUTOSCALERS ? NO_AUTOSCALERS : NO_SUCH_RESOURCE);
  if (path.namespace !== undefined && !definition.isNamespaced) return respondFailure(NO_SUCH_RESOURCE);
  const target = { definition, namespace: path.namespace, name: path.name };
  const call: ApiCall = { ...allowed, target, subresource: path.subresource, warnings: [] };
  if (isReview(path)) return request.method === "POST" ? serveReview(call) : respondFailure(NOT_ALLOWED);
  if (path.plural === "bindings" && path.group === "")
    return request.method === "POST" ? serveLegacyBinding(call) : respondFailure(NOT_ALLOWED);
  const verbs: readonly string[] = definition.verbs ?? ALL_VERBS;
  if (path.name === undefined) return serveCollection(call, verbs);
  if (request.method === "GET" && isSet(query, "watch")) return serveWatch(call);
  const named = objectCall(call);
  return named.ok ? serveNamed(named.value, verbs) : respondFailure(named.failure);
}

async function serveCollection(call: ApiCall, verbs: readonly string[]): Promise<Reply> {
  switch (call.request.method) {
    case "GET":
      if (!verbs.includes("list")) return respondFailure(NOT_ALLOWED);
      return isSet(call.query, "watch") ? serveWatch(call) : serveList(call);
    case "POST":
      return verbs.includes("create") ? serveCreate(call) : respondFailure(NOT_ALLOWED);
    case "DELETE":
      return verbs.includes("deletecollection") ? serveDeleteCollection(call) : respondFailure(NOT_ALLOWED);
    default:
      return respondFailure(NOT_ALLOWED);
  }
}

async function serveNamed(call: ObjectCall, verbs: readonly string[]): Promise<Reply> {
  const part = partOf(call);
  if (part === undefined) return serveSubresource(call);
  switch (call.request.method) {
    case "GET":
      return serveGet(call, part);
    case "PUT":
      return verbs.includes("update") ? serveUpdate(call, part) : respondFailure(NOT_ALLOWED);
    case "PATCH":
      return verbs.includes("patch") ? servePatch(call, part) : respondFailure(NOT_ALLOWED);
    case "DELETE":
      return verbs.includes("delete") && part === "main" ? serveDelete(call) : respondFailure(NOT_ALLOWED);
    default:
      return respondFailure(NOT_ALLOWED);
  }
}

/** `POST …/bindings` names the pod in the body. */
async function serveLegacyBinding(call: ApiCall): Promise<Reply> {
  const body = readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const namespace = call.target.namespace ?? textOf(at(body.value, "metadata", "namespace")) ?? "";
  const target = { ...call.target, namespace, name: textOf(at(body.value, "metadata", "name")) ?? "" };
  const bound = await admitted(call, (cluster, options) => bindPod(cluster, target, body.value, options));
  return bound.ok
    ? respondJson({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" }, { status: 201, warnings: call.warnings })
    : respondFailure(bound.failure);
}
