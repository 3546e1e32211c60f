import { at, fail, fieldsOf, invalidValue, invalid, listOf, succeed, textOf, type Fields, type Result } from "@slash28/kube-store";

import { userInfoOf } from "../authentication/user-info.ts";
import { reviewRules, reviewSelf, reviewSubject } from "../authorization/access-reviews.ts";
import type { ApiCall } from "./api-call.ts";
import type { Reply } from "./exchange.ts";
import { readBody } from "./request-body.ts";
import { respondFailure, respondJson } from "./respond.ts";

const REVIEWS = new Set([
  "selfsubjectreviews",
  "tokenreviews",
  "selfsubjectaccessreviews",
  "subjectaccessreviews",
  "localsubjectaccessreviews",
  "selfsubjectrulesreviews",
]);
const GROUPS = new Set(["authentication.k8s.io", "authorization.k8s.io"]);

export function isReview({ group, plural }: { readonly group: string; readonly plural: string }): boolean {
  return GROUPS.has(group) && REVIEWS.has(plural);
}

/** Answers questions about who someone is and what they may do. Nothing is stored. */
export async function serveReview(call: ApiCall): Promise<Reply> {
  const body = readBody(call.request);
  if (!body.ok) return respondFailure(body.failure);
  const { definition } = call.target;
  const status = await statusOf(call, body.value);
  if (!status.ok) return respondFailure(status.failure);
  const apiVersion = `${definition.group}/${definition.version}`;
  const { spec } = fieldsOf(body.value);
  const metadata = { ...fieldsOf(at(body.value, "metadata")), creationTimestamp: null };
  return respondJson(
    { kind: definition.kind, apiVersion, metadata, ...(spec === undefined ? {} : { spec }), status: status.value },
    { status: 201 },
  );
}

async function statusOf(call: ApiCall, review: unknown): Promise<Result<Fields>> {
  const { serving, identity, target } = call;
  switch (target.definition.plural) {
    case "selfsubjectreviews":
      return succeed({ userInfo: userInfoOf(identity) });
    case "selfsubjectaccessreviews":
      return reviewSelf(serving.authorizer, identity, review);
    case "selfsubjectrulesreviews":
      return reviewRules(serving.authorizer, identity, review);
    case "subjectaccessreviews":
      return reviewSubject(serving.authorizer, review, undefined);
    case "localsubjectaccessreviews":
      return reviewSubject(serving.authorizer, review, target.namespace ?? "");
    default:
      return reviewToken(call, review);
  }
}

async function reviewToken({ serving }: ApiCall, review: unknown): Promise<Result<Fields>> {
  const token = textOf(at(review, "spec", "token")) ?? "";
  if (token === "") return fail(invalid("TokenReview.authentication.k8s.io", "", [invalidValue("spec.token", "", "must not be empty")]));
  const asked = listOf(at(review, "spec", "audiences")).map(String);
  const found = await serving.authenticator.review(token, asked);
  return succeed(
    found.ok
      ? { authenticated: true, user: userInfoOf(found.identity), audiences: found.audiences }
      : { authenticated: false, error: found.why },
  );
}
