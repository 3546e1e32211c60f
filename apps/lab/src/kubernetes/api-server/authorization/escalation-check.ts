import { policyRulesOf, ruleText, uncoveredRules, type PolicyRule } from "@slash28/kube-rbac";
import { at, forbidden, sameJson, textOf, type ApiFailure } from "@slash28/kube-store";

import type { Identity } from "../face.ts";
import type { AdmissionAct } from "../operations/admission-stage.ts";
import type { Authorizer } from "./authorizer.ts";

const GROUP = "rbac.authorization.k8s.io";

/**
 * Why somebody may not write this role or binding: it would give rights that they do not have themselves (Kubernetes docs, "Privilege
 * escalation prevention and bootstrapping"). `undefined` for any other object, and for who holds the verbs `escalate` or `bind`.
 */
export function escalationRefusal(authorizer: Authorizer, caller: Identity, act: AdmissionAct): ApiFailure | undefined {
  const { definition, object, before, operation } = act;
  if (definition.group !== GROUP || object === undefined || (operation !== "CREATE" && operation !== "UPDATE")) return undefined;
  switch (definition.plural) {
    case "roles":
    case "clusterroles":
      return refusedRole(authorizer, caller, act);
    case "rolebindings":
    case "clusterrolebindings":
      // Nothing is given by a change that leaves role and subjects alone.
      if (before !== undefined && sameJson(object["subjects"], before["subjects"])) return undefined;
      return refusedBinding(authorizer, caller, act);
    default:
      return undefined;
  }
}

function refusedRole(
  authorizer: Authorizer,
  caller: Identity,
  { definition, object, before, name, namespace }: AdmissionAct,
): ApiFailure | undefined {
  if (
    object === undefined ||
    (before !== undefined && sameJson(object["rules"], before["rules"]) && sameJson(object["aggregationRule"], before["aggregationRule"]))
  ) {
    return undefined;
  }
  const attributes = { verb: "escalate", group: GROUP, resource: definition.plural, namespace, name };
  if (authorizer.decide(caller, attributes).isAllowed) return undefined;
  if (object["aggregationRule"] !== undefined) {
    const everything = { verbs: ["*"], apiGroups: ["*"], resources: ["*"], resourceNames: [], nonResourceURLs: [] };
    const why = "must have cluster-admin privileges to use an aggregationRule";
    if (uncoveredRules(authorizer.rulesOf(caller, undefined), [everything]).length > 0) return forbidden(definition.storage, name, why);
  }
  return refusedRules(authorizer, caller, { storage: definition.storage, name, namespace }, policyRulesOf(object));
}

function refusedBinding(
  authorizer: Authorizer,
  caller: Identity,
  { definition, object, name, namespace }: AdmissionAct,
): ApiFailure | undefined {
  if (object === undefined) return undefined;
  const resource = at(object, "roleRef", "kind") === "Role" ? "roles" : "clusterroles";
  const role = textOf(at(object, "roleRef", "name")) ?? "";
  if (authorizer.decide(caller, { verb: "bind", group: GROUP, resource, namespace, name: role }).isAllowed) return undefined;
  const rules = authorizer.rulesBehind(object);
  if (rules === undefined) {
    const kind = resource.slice(0, -1);
    return {
      code: 404,
      reason: "NotFound",
      message: `${resource}.${GROUP} "${role}" not found`,
      details: { name: role, group: GROUP, kind },
    };
  }
  return refusedRules(authorizer, caller, { storage: definition.storage, name, namespace }, rules);
}

interface Given {
  readonly storage: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

function refusedRules(authorizer: Authorizer, caller: Identity, given: Given, rules: readonly PolicyRule[]): ApiFailure | undefined {
  const missing = uncoveredRules(authorizer.rulesOf(caller, given.namespace), rules);
  if (missing.length === 0) return undefined;
  const groups = `[${caller.groups.map((group) => JSON.stringify(group)).join(" ")}]`;
  const why = `user ${JSON.stringify(caller.name)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:`;
  return forbidden(given.storage, given.name, [why, ...missing.map(ruleText)].join("\n"));
}
