import { at, fieldsOf, listOf, textOf, type KubeObject } from "@slash28/kube-store";

import { forbiddenTo } from "../authorization/forbidden.ts";
import { updateObject } from "../operations/change-object.ts";
import { patchBody } from "../operations/patch-body.ts";
import { getObject } from "../operations/read-objects.ts";
import { timeText } from "../time-text.ts";
import { admitted } from "./admitted.ts";
import type { Reply } from "./exchange.ts";
import { readBody, readPatch } from "./request-body.ts";
import { respondFailure, respondJson } from "./respond.ts";
import type { ObjectCall } from "./serve-object.ts";

/**
 * Serves `certificatesigningrequests/approval`, behind `kubectl certificate approve` and `deny`: its conditions, and nothing else. Besides
 * the right to write it one needs the verb `approve` on the signer.
 */
export async function serveApproval(call: ObjectCall): Promise<Reply> {
  const found = getObject(call.serving.cluster, call.target);
  if (!found.ok) return respondFailure(found.failure);
  if (call.request.method === "GET") return respondJson(found.value);
  const refused = mayNotApprove(call, textOf(at(found.value, "spec", "signerName")) ?? "");
  if (refused !== undefined) return respondFailure(refused);
  const sent = await sentObject(call, found.value);
  if (!sent.ok) return respondFailure(sent.failure);
  const written = await admitted(call, (cluster, options) => {
    const current = getObject(cluster, call.target);
    if (!current.ok) return current;
    const body = withConditions(current.value, sent.value, timeText(cluster.now()));
    return updateObject(cluster, call.target, body, { ...options, part: "status", subresource: "approval" });
  });
  return written.ok ? respondJson(written.value.object, { warnings: call.warnings }) : respondFailure(written.failure);
}

async function sentObject(call: ObjectCall, current: KubeObject): Promise<Awaited<ReturnType<typeof readBody>>> {
  if (call.request.method === "PUT") return readBody(call.request);
  const patch = readPatch(call.request);
  return patch.ok ? patchBody(current, patch.value, call.target.definition) : patch;
}

function withConditions(current: KubeObject, sent: unknown, now: string): KubeObject {
  const version = textOf(at(sent, "metadata", "resourceVersion")) ?? current.metadata.resourceVersion;
  const conditions = listOf(at(sent, "status", "conditions")).map((condition) => ({
    lastTransitionTime: now,
    lastUpdateTime: now,
    status: "True",
    ...withoutNulls(fieldsOf(condition)),
  }));
  const metadata = { ...current.metadata, ...(version === undefined ? {} : { resourceVersion: version }) };
  return { ...current, metadata, status: { ...fieldsOf(current["status"]), conditions } };
}

function withoutNulls(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

/** The signer by its name, or all of its domain. */
function mayNotApprove({ serving, identity }: ObjectCall, signer: string): ReturnType<typeof forbiddenTo> | undefined {
  const attributes = (name: string): Parameters<typeof forbiddenTo>[1] => ({
    verb: "approve",
    group: "certificates.k8s.io",
    resource: "signers",
    name,
  });
  const ofDomain = `${signer.split("/")[0] ?? ""}/*`;
  const isAllowed = [signer, ofDomain].some((name) => serving.authorizer.decide(identity, attributes(name)).isAllowed);
  return isAllowed ? undefined : forbiddenTo(identity, attributes(signer), "");
}
