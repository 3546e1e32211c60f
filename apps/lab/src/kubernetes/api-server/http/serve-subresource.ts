import { at, badRequest, isFields, listOf, notFound, withAt } from "@slash28/kube-store";

import { requestToken } from "../authentication/request-token.ts";
import { evictPod } from "../operations/evict-pod.ts";
import { bindPod } from "../operations/pod-placement.ts";
import { admitSent } from "../operations/sent-kinds.ts";
import { admitted } from "./admitted.ts";
import type { Reply } from "./exchange.ts";
import { NO_SUCH_RESOURCE, respondFailure, respondJson } from "./respond.ts";
import { readBody } from "./request-body.ts";
import { serveApproval } from "./serve-approval.ts";
import { serveLogs } from "./serve-logs.ts";
import type { ObjectCall } from "./serve-object.ts";

const SUCCESS = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

/** Subresources that are acts on an object, not parts of it. */
export async function serveSubresource(call: ObjectCall): Promise<Reply> {
  const { definition } = call.target;
  const { method } = call.request;
  const act = `${method} ${definition.storage}/${call.subresource ?? ""}`;
  switch (act) {
    case "GET pods/log":
      return serveLogs(call);
    case "GET pods/exec":
    case "POST pods/exec":
      return respondFailure(badRequest("exec is served over WebSockets only (v4 or v5.channel.k8s.io); use kubectl 1.30 or later"));
    case "POST pods/binding":
      return serveBinding(call);
    case "POST pods/eviction":
      return serveEviction(call);
    case "GET certificatesigningrequests.certificates.k8s.io/approval":
    case "PUT certificatesigningrequests.certificates.k8s.io/approval":
    case "PATCH certificatesigningrequests.certificates.k8s.io/approval":
      return serveApproval(call);
    case "POST serviceaccounts/token":
      return serveToken(call);
    case "PUT namespaces/finalize":
      return serveFinalize(call);
    default:
      return respondFailure(NO_SUCH_RESOURCE);
  }
}

/** Sets the finalizers that hold a namespace. One that is being deleted goes when nothing is left that holds it. */
async function serveFinalize(call: ObjectCall): Promise<Reply> {
  const body = readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const { cluster } = call.serving;
  const { storage, kind } = call.target.definition;
  const stored = cluster.store.get(storage, { name: call.target.name });
  if (stored === undefined) return respondFailure(notFound(storage, call.target.name));
  if (!isFields(body.value)) return respondFailure(badRequest(`the body of the request must be a ${kind} object`));
  const finalizers = listOf(at(body.value, "spec", "finalizers")).map(String);
  const changed = cluster.store.replace(storage, withAt(stored, ["spec", "finalizers"], finalizers.length === 0 ? undefined : finalizers));
  return changed.ok ? respondJson(changed.value) : respondFailure(changed.failure);
}

async function serveBinding(call: ObjectCall): Promise<Reply> {
  const body = readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const bound = await admitted(call, (cluster, options) => bindPod(cluster, call.target, body.value, options));
  return bound.ok ? respondJson(SUCCESS, { status: 201, warnings: call.warnings }) : respondFailure(bound.failure);
}

async function serveEviction(call: ObjectCall): Promise<Reply> {
  const body = readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const evicted = await admitted(call, (cluster, options) => evictPod(cluster, call.target, body.value, options));
  return evicted.ok ? respondJson(SUCCESS, { status: 201, warnings: call.warnings }) : respondFailure(evicted.failure);
}

async function serveToken(call: ObjectCall): Promise<Reply> {
  const body = readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const { name, namespace = "" } = call.target;
  const { cluster, tokens } = call.serving;
  const sent = await admitted(call, (_, { stage, isDryRun }) =>
    admitSent(stage, { operation: "CREATE", subresource: "token", target: call.target, body: body.value, isDryRun }),
  );
  if (!sent.ok) return respondFailure(sent.failure);
  const issued = await requestToken(cluster.store, tokens, { namespace, name }, at(sent.value, "spec"));
  if (!issued.ok) return respondFailure(issued.failure);
  return respondJson({ ...sent.value, metadata: { name, namespace }, status: issued.value }, { status: 201, warnings: call.warnings });
}
