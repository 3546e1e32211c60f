import { isPath, type Attributes, type PolicyRule } from "@slash28/kube-rbac";
import {
  at,
  fail,
  fieldsOf,
  forbiddenField,
  invalid,
  invalidValue,
  isFields,
  listOf,
  required,
  succeed,
  textOf,
  type Fields,
  type FieldError,
  type Result,
} from "@slash28/kube-store";

import type { Identity } from "../face.ts";
import type { Authorizer } from "./authorizer.ts";

/** Answers a SelfSubjectAccessReview: what `kubectl auth can-i` asks. */
export function reviewSelf(authorizer: Authorizer, caller: Identity, review: unknown): Result<Fields> {
  const asked = attributesIn(review, "SelfSubjectAccessReview");
  return asked.ok ? succeed(statusOf(authorizer, caller, asked.value)) : asked;
}

/** Answers a SubjectAccessReview, or with a namespace a LocalSubjectAccessReview: may somebody else? */
export function reviewSubject(authorizer: Authorizer, review: unknown, namespace: string | undefined): Result<Fields> {
  const kind = namespace === undefined ? "SubjectAccessReview" : "LocalSubjectAccessReview";
  const user = textOf(at(review, "spec", "user")) ?? "";
  const groups = listOf(at(review, "spec", "groups")).filter((group) => typeof group === "string");
  if (user === "" && groups.length === 0) {
    return fail(
      invalid(`${kind}.authorization.k8s.io`, "", [invalidValue("spec.user", "", "at least one of user or group must be specified")]),
    );
  }
  const asked = attributesIn(review, kind);
  if (!asked.ok) return asked;
  if (namespace !== undefined && (isPath(asked.value) || asked.value.namespace !== namespace)) {
    const error = invalidValue(
      "spec.resourceAttributes.namespace",
      isPath(asked.value) ? "" : (asked.value.namespace ?? ""),
      "must match metadata.namespace",
    );
    return fail(invalid(`${kind}.authorization.k8s.io`, "", [error]));
  }
  return succeed(statusOf(authorizer, { name: user, groups }, asked.value));
}

/** Answers a SelfSubjectRulesReview: the list of `kubectl auth can-i --list`. */
export function reviewRules(authorizer: Authorizer, caller: Identity, review: unknown): Result<Fields> {
  const namespace = textOf(at(review, "spec", "namespace")) ?? "";
  if (namespace === "") return fail(invalid("SelfSubjectRulesReview.authorization.k8s.io", "", [required("spec.namespace")]));
  const rules = authorizer.rulesOf(caller, namespace);
  return succeed({
    resourceRules: rules.filter(({ resources }) => resources.length > 0).map(resourceRule),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  });
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): Fields {
  return { verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) };
}

function statusOf(authorizer: Authorizer, identity: Identity, attributes: Attributes): Fields {
  const { isAllowed, reason } = authorizer.decide(identity, attributes);
  return { allowed: isAllowed, ...(reason === "" ? {} : { reason }) };
}

function attributesIn(review: unknown, kind: string): Result<Attributes> {
  const resource = at(review, "spec", "resourceAttributes");
  const path = at(review, "spec", "nonResourceAttributes");
  const errors: FieldError[] = [];
  if (isFields(resource) && isFields(path)) {
    errors.push(forbiddenField("spec.nonResourceAttributes", "cannot be specified in combination with resourceAttributes"));
  }
  if (!isFields(resource) && !isFields(path)) {
    errors.push(
      invalidValue("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified"),
    );
  }
  if (errors.length > 0) return fail(invalid(`${kind}.authorization.k8s.io`, "", errors));
  const asked = fieldsOf(isFields(resource) ? resource : path);
  const text = (name: string): string => textOf(asked[name]) ?? "";
  if (!isFields(resource)) return succeed({ verb: text("verb"), path: text("path") });
  const optional = (name: string): string | undefined => (text(name) === "" ? undefined : text(name));
  return succeed({
    verb: text("verb"),
    group: text("group"),
    resource: text("resource"),
    subresource: optional("subresource"),
    namespace: optional("namespace"),
    name: optional("name"),
  });
}
