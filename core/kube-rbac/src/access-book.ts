import { at, listOf, textOf, type KubeObject } from "@slash28/kube-store";

import type { Attributes, UserInfo } from "./attributes.ts";
import { isPath } from "./attributes.ts";
import { policyRulesOf, ruleAllows, type PolicyRule } from "./policy-rule.ts";
import { groupKey, subjectOf, userKey } from "./subject.ts";

/** The four resources that RBAC consists of, by their plural. */
export type RbacResource = "roles" | "clusterroles" | "rolebindings" | "clusterrolebindings";

export type Decision =
  | { readonly isAllowed: true; readonly reason: string }
  /** `reason` names the roles that bindings lead to and that are not there; mostly empty. */
  | { readonly isAllowed: false; readonly reason: string };

/** Somebody's share in a binding. */
interface Grant {
  /** Where it holds; absent: everywhere. */
  readonly namespace: string | undefined;
  readonly roleKey: string;
  /** Which binding gives which role to whom. */
  readonly text: () => string;
}

/**
 * Every role and binding of a cluster, found by subject: a decision looks only at the bindings of the user and of the user's groups.
 * Nobody is allowed anything that no rule allows; there are no rules that forbid.
 */
export class AccessBook {
  /** `roles/<namespace>/<name>` or `clusterroles//<name>`. */
  readonly #rules = new Map<string, readonly PolicyRule[]>();
  /** Subject → binding → its grants. */
  readonly #grants = new Map<string, Map<string, Grant>>();
  /** Binding → the subjects it is filed under. */
  readonly #filed = new Map<string, readonly string[]>();

  /** Takes in a role or binding that was written. */
  put(resource: RbacResource, object: KubeObject): void {
    const { name, namespace } = object.metadata;
    const key = keyOf(resource, namespace, name);
    if (resource === "roles" || resource === "clusterroles") this.#rules.set(key, policyRulesOf(object));
    else this.#file(key, object, resource === "rolebindings" ? (namespace ?? "") : undefined);
  }

  /** Forgets a role or binding that is gone. */
  remove(resource: RbacResource, name: string, namespace: string | undefined): void {
    const key = keyOf(resource, namespace, name);
    this.#rules.delete(key);
    this.#unfile(key);
  }

  decide(user: UserInfo, attributes: Attributes): Decision {
    const namespace = isPath(attributes) ? undefined : attributes.namespace;
    const missing: string[] = [];
    for (const grant of this.#grantsOf(user, namespace)) {
      const rules = this.#rules.get(grant.roleKey);
      if (rules === undefined) missing.push(grant.roleKey);
      else if (rules.some((rule) => ruleAllows(rule, attributes))) return { isAllowed: true, reason: `RBAC: allowed by ${grant.text()}` };
    }
    return { isAllowed: false, reason: missing.length === 0 ? "" : `RBAC: ${[...new Set(missing)].map(missingText).join(", ")}` };
  }

  /** Every rule that holds for the user in a namespace, or without one everywhere. */
  rulesOf(user: UserInfo, namespace: string | undefined): readonly PolicyRule[] {
    const keys = new Set<string>();
    for (const { roleKey } of this.#grantsOf(user, namespace)) keys.add(roleKey);
    return [...keys].flatMap((key) => this.#rules.get(key) ?? []);
  }

  /** The rules of the role that a binding leads to; `undefined` when there is no such role. */
  rulesBehind(binding: KubeObject): readonly PolicyRule[] | undefined {
    return this.#rules.get(roleKeyOf(binding, binding.metadata.namespace));
  }

  *#grantsOf(user: UserInfo, namespace: string | undefined): Generator<Grant> {
    yield* this.#grantsUnder(userKey(user.name), namespace);
    for (const group of user.groups) yield* this.#grantsUnder(groupKey(group), namespace);
  }

  *#grantsUnder(key: string, namespace: string | undefined): Generator<Grant> {
    const grants = this.#grants.get(key);
    if (grants === undefined) return;
    for (const grant of grants.values()) if (grant.namespace === undefined || grant.namespace === namespace) yield grant;
  }

  #file(key: string, binding: KubeObject, namespace: string | undefined): void {
    this.#unfile(key);
    const roleKey = roleKeyOf(binding, namespace);
    const filed: string[] = [];
    for (const one of listOf(at(binding, "subjects"))) {
      const subject = subjectOf(one, namespace);
      if (subject === undefined) continue;
      const grants = this.#grants.get(subject.key) ?? new Map<string, Grant>();
      grants.set(key, { namespace, roleKey, text: () => `${bindingText(binding, namespace)} to ${subject.text}` });
      this.#grants.set(subject.key, grants);
      filed.push(subject.key);
    }
    this.#filed.set(key, filed);
  }

  #unfile(key: string): void {
    for (const subject of this.#filed.get(key) ?? []) {
      const grants = this.#grants.get(subject);
      grants?.delete(key);
      if (grants?.size === 0) this.#grants.delete(subject);
    }
    this.#filed.delete(key);
  }
}

function keyOf(resource: RbacResource, namespace: string | undefined, name: string): string {
  return `${resource}/${namespace ?? ""}/${name}`;
}

/** A RoleBinding may lead to a Role beside it or to a ClusterRole; a ClusterRoleBinding to a ClusterRole only. */
function roleKeyOf(binding: KubeObject, namespace: string | undefined): string {
  const name = textOf(at(binding, "roleRef", "name")) ?? "";
  const isLocal = at(binding, "roleRef", "kind") === "Role" && namespace !== undefined;
  return isLocal ? keyOf("roles", namespace, name) : keyOf("clusterroles", undefined, name);
}

function bindingText(binding: KubeObject, namespace: string | undefined): string {
  const { name } = binding.metadata;
  const itself =
    namespace === undefined ? `ClusterRoleBinding ${JSON.stringify(name)}` : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`;
  const kind = textOf(at(binding, "roleRef", "kind")) ?? "ClusterRole";
  return `${itself} of ${kind} ${JSON.stringify(textOf(at(binding, "roleRef", "name")) ?? "")}`;
}

function missingText(roleKey: string): string {
  const [resource = "", , name = ""] = roleKey.split("/");
  return `${resource.replace(/s$/, "")}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
}
