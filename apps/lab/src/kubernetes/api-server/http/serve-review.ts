import { at, fieldsOf, textOf } from "@slash28/kube-store";

import type { ApiCall } from "./api-call.ts";
import { readBody } from "./request-body.ts";
import { respondFailure, respondJson } from "./respond.ts";

const REVIEWS = new Set(["selfsubjectreviews", "tokenreviews", "selfsubjectaccessreviews", "subjectaccessreviews"]);

export function isReview(plural: string): boolean {
  return REVIEWS.has(plural);
}

/** Answers questions about who someone is and what they may do. Everyone who is known may do everything. */
export async function serveReview(call: ApiCall): Promise<Response> {
  const body = await readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const { definition } = call.target;
  const status = reviewStatus(call, body.value);
  const apiVersion = `${definition.group}/${definition.version}`;
  return respondJson(
    { ...fieldsOf(body.value), kind: definition.kind, apiVersion, metadata: { creationTimestamp: null }, status },
    { status: 201 },
  );
}

function reviewStatus(call: ApiCall, review: unknown): unknown {
  const { plural } = call.target.definition;
  if (plural === "selfsubjectreviews") return { userInfo: { username: call.identity.name, groups: call.identity.groups } };
  if (plural !== "tokenreviews") return { allowed: true };
  const found = call.serving.tokens.identify(textOf(at(review, "spec", "token")) ?? "");
  return found === undefined
    ? { authenticated: false, error: "the token is unknown or expired" }
    : { authenticated: true, user: { username: found.name, groups: found.groups } };
}
