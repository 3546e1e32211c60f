import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";

import type { KubeObject } from "@slash28/kube-store";

import {
  AccessBook,
  aggregatedRules,
  isPath,
  refusalText,
  ruleText,
  uncoveredRules,
  type Attributes,
  type PolicyRule,
  type RbacResource,
  type UserInfo,
} from "../src/index.ts";

const API = "rbac.authorization.k8s.io/v1";

function role(kind: "Role" | "ClusterRole", name: string, rules: readonly object[], namespace?: string): KubeObject {
  return { apiVersion: API, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, rules };
}

function binding(name: string, to: { kind: string; name: string }, subjects: readonly object[], namespace?: string): KubeObject {
  const kind = namespace === undefined ? "ClusterRoleBinding" : "RoleBinding";
  return { apiVersion: API, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, roleRef: to, subjects };
}

const ANN: UserInfo = { name: "ann", groups: ["devs", "system:authenticated"] };
const ROBOT: UserInfo = {
  name: "system:serviceaccount:shop:robot",
  groups: ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
};
const listPods = (namespace?: string): Attributes => ({ verb: "list", group: "", resource: "pods", namespace });

describe("decisions", () => {
  test("a RoleBinding to a ClusterRole holds in its namespace alone", () => {
    const book = new AccessBook();
    book.put("clusterroles", role("ClusterRole", "viewer", [{ verbs: ["list"], apiGroups: [""], resources: ["pods"] }]));
    book.put("rolebindings", binding("devs-view", { kind: "ClusterRole", name: "viewer" }, [{ kind: "Group", name: "devs" }], "shop"));
    expect(book.decide(ANN, listPods("shop"))).toEqual({
      isAllowed: true,
      reason: 'RBAC: allowed by RoleBinding "devs-view/shop" of ClusterRole "viewer" to Group "devs"',
    });
    expect(book.decide(ANN, listPods("other")).isAllowed).toBe(false);
    expect(book.decide(ANN, listPods()).isAllowed).toBe(false);
    expect(book.decide(ROBOT, listPods("shop")).isAllowed).toBe(false);
  });

  test("a service account is meant by name, by its namespace's group and by the group of all", () => {
    for (const subject of [
      { kind: "ServiceAccount", name: "robot", namespace: "shop" },
      { kind: "User", name: ROBOT.name },
      { kind: "Group", name: "system:serviceaccounts" },
      { kind: "Group", name: "system:serviceaccounts:shop" },
    ]) {
      const book = new AccessBook();
      book.put("clusterroles", role("ClusterRole", "viewer", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]));
      book.put("clusterrolebindings", binding("b", { kind: "ClusterRole", name: "viewer" }, [subject]));
      expect(book.decide(ROBOT, listPods()).isAllowed, JSON.stringify(subject)).toBe(true);
      expect(book.decide(ANN, listPods()).isAllowed).toBe(false);
    }
  });

  test("a binding that is changed or goes takes its grant along; a role that is missing is named", () => {
    const book = new AccessBook();
    const to = { kind: "ClusterRole", name: "viewer" };
    book.put("clusterrolebindings", binding("b", to, [{ kind: "User", name: "ann" }]));
    expect(book.decide(ANN, listPods()).reason).toBe('RBAC: clusterrole.rbac.authorization.k8s.io "viewer" not found');
    book.put("clusterroles", role("ClusterRole", "viewer", [{ verbs: ["list"], apiGroups: [""], resources: ["pods"] }]));
    expect(book.decide(ANN, listPods()).isAllowed).toBe(true);
    book.put("clusterrolebindings", binding("b", to, [{ kind: "User", name: "bob" }]));
    expect(book.decide(ANN, listPods()).isAllowed).toBe(false);
    expect(book.decide({ name: "bob", groups: [] }, listPods()).isAllowed).toBe(true);
    book.remove("clusterrolebindings", "b", undefined);
    expect(book.decide({ name: "bob", groups: [] }, listPods()).isAllowed).toBe(false);
    book.remove("clusterroles", "viewer", undefined);
  });

  test.each<[string, Partial<PolicyRule>, Attributes, boolean]>([
    [
      "a part of a resource is not the resource",
      { resources: ["pods"] },
      { verb: "get", group: "", resource: "pods", subresource: "log" },
      false,
    ],
    ["a part by name", { resources: ["pods/log"] }, { verb: "get", group: "", resource: "pods", subresource: "log" }, true],
    ["a part of any", { resources: ["*/scale"] }, { verb: "get", group: "", resource: "pods", subresource: "scale" }, true],
    ["a part of any is no object", { resources: ["*/scale"] }, { verb: "get", group: "", resource: "scale" }, false],
    ["a name", { resources: ["pods"], resourceNames: ["a"] }, { verb: "get", group: "", resource: "pods", name: "a" }, true],
    ["another name", { resources: ["pods"], resourceNames: ["a"] }, { verb: "get", group: "", resource: "pods", name: "b" }, false],
    [
      "a name does not open the collection",
      { resources: ["pods"], resourceNames: ["a"] },
      { verb: "get", group: "", resource: "pods" },
      false,
    ],
    ["another group", { resources: ["pods"], apiGroups: ["apps"] }, { verb: "get", group: "", resource: "pods" }, false],
    ["a path", { nonResourceURLs: ["/healthz"] }, { verb: "get", path: "/healthz" }, true],
    ["the beginning of a path", { nonResourceURLs: ["/logs/*"] }, { verb: "get", path: "/logs/a" }, true],
    [
      "paths are no resources",
      { nonResourceURLs: ["*"], apiGroups: [], resources: [] },
      { verb: "get", group: "", resource: "pods" },
      false,
    ],
    ["resources are no paths", { resources: ["*"] }, { verb: "get", path: "/healthz" }, false],
  ])("%s", (_name, rule, attributes, isAllowed) => {
    const book = new AccessBook();
    book.put("clusterroles", role("ClusterRole", "r", [{ verbs: ["get"], apiGroups: [""], ...rule }]));
    book.put("clusterrolebindings", binding("b", { kind: "ClusterRole", name: "r" }, [{ kind: "User", name: "ann" }]));
    expect(book.decide(ANN, attributes).isAllowed).toBe(isAllowed);
  });

  test("odd objects allow nothing and break nothing", () => {
    const book = new AccessBook();
    book.put("clusterroles", { apiVersion: API, kind: "ClusterRole", metadata: { name: "odd" }, rules: [null, 7, { verbs: "get" }] });
    book.put("clusterrolebindings", {
      apiVersion: API,
      kind: "ClusterRoleBinding",
      metadata: { name: "odd" },
      subjects: [null, { kind: "Dog" }],
    });
    expect(book.decide(ANN, listPods()).isAllowed).toBe(false);
  });
});

test("a refusal is worded as kubectl users know it", () => {
  expect(refusalText(ANN, listPods("shop"))).toBe('User "ann" cannot list resource "pods" in API group "" in the namespace "shop"');
  expect(refusalText(ANN, { verb: "get", group: "apps", resource: "deployments", subresource: "scale" })).toBe(
    'User "ann" cannot get resource "deployments/scale" in API group "apps" at the cluster scope',
  );
  expect(refusalText(ANN, { verb: "get", path: "/metrics" })).toBe('User "ann" cannot get path "/metrics"');
});

test("a role that is put together holds the rules of those its selectors pick, once each, and not its own", () => {
  const get = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
  const part = (name: string, rule: object): KubeObject => ({
    ...role("ClusterRole", name, [rule]),
    metadata: { name, labels: { "to-view": "true" } },
  });
  const whole = {
    ...role("ClusterRole", "view", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "to-view": "true" } }] },
  };
  const other = { verbs: ["list"], apiGroups: ["apps"], resources: ["deployments"] };
  expect(aggregatedRules(whole, [whole, part("a", get), part("b", other), part("c", get)])).toEqual([get, other]);
  expect(aggregatedRules(part("a", get), [])).toBeUndefined();
});

// --- Against a naive model -----------------------------------------------------------------------------------------------------------

const VERBS = ["get", "list", "*"];
const GROUPS = ["", "apps", "*"];
const RESOURCES = ["pods", "deployments", "pods/log", "*/scale", "*"];
const PATHS = ["/healthz", "/logs/a", "/logs/*", "*"];
const NAMESPACES = ["shop", "other"];
const some = (values: readonly string[]): fc.Arbitrary<string[]> => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 2 });

const arbRule = fc.oneof(
  fc.record({
    verbs: some(VERBS),
    apiGroups: some(GROUPS),
    resources: some(RESOURCES),
    resourceNames: some(["a", "b"]),
    nonResourceURLs: fc.constant([]),
  }),
  fc.record({
    verbs: some(VERBS),
    apiGroups: fc.constant([]),
    resources: fc.constant([]),
    resourceNames: fc.constant([]),
    nonResourceURLs: some(PATHS),
  }),
) as fc.Arbitrary<PolicyRule>;

const arbSubject = fc.oneof(
  fc.record({ kind: fc.constantFrom("User", "Group"), name: fc.constantFrom("ann", "devs", "system:serviceaccounts:shop") }),
  fc.record({ kind: fc.constant("ServiceAccount"), name: fc.constant("robot"), namespace: fc.constantFrom(...NAMESPACES) }),
);

interface Write {
  readonly resource: RbacResource;
  readonly object: KubeObject;
  readonly isGone: boolean;
}

const arbWrite: fc.Arbitrary<Write> = fc
  .record({
    resource: fc.constantFrom<RbacResource>("roles", "clusterroles", "rolebindings", "clusterrolebindings"),
    name: fc.constantFrom("x", "y"),
    namespace: fc.constantFrom(...NAMESPACES),
    rules: fc.array(arbRule, { maxLength: 2 }),
    subjects: fc.array(arbSubject, { maxLength: 2 }),
    to: fc.record({ kind: fc.constantFrom("Role", "ClusterRole"), name: fc.constantFrom("x", "y", "z") }),
    isGone: fc.boolean(),
  })
  .map(({ resource, name, namespace, rules, subjects, to, isGone }) => {
    const inside = resource.startsWith("cluster") ? undefined : namespace;
    const object = resource.endsWith("bindings") ? binding(name, to, subjects, inside) : role("Role", name, rules, inside);
    return { resource, object, isGone };
  });

const arbAttributes: fc.Arbitrary<Attributes> = fc.oneof(
  fc.record({
    verb: fc.constantFrom("get", "list", "delete"),
    group: fc.constantFrom("", "apps"),
    resource: fc.constantFrom("pods", "deployments"),
    subresource: fc.constantFrom(undefined, "log", "scale"),
    namespace: fc.constantFrom(undefined, ...NAMESPACES),
    name: fc.constantFrom(undefined, "a", "b"),
  }),
  fc.record({ verb: fc.constantFrom("get", "list"), path: fc.constantFrom("/healthz", "/logs/a", "/other") }),
);

/** The documentation's sentences one by one over a plain list of objects. */
function naive(objects: ReadonlyMap<string, KubeObject>, user: UserInfo, attributes: Attributes): boolean {
  return [...objects].some(([key, one]) => {
    if (!key.includes("bindings/")) return false;
    const { namespace } = one.metadata;
    if (namespace !== undefined && (isPath(attributes) || attributes.namespace !== namespace)) return false;
    const subjects = one["subjects"] as readonly { kind: string; name: string; namespace?: string }[];
    const isMeant = subjects.some(({ kind, name, namespace: of }) => {
      if (kind === "User") return user.name === name;
      if (kind === "Group") return user.groups.includes(name);
      return user.name === `system:serviceaccount:${of ?? ""}:${name}`;
    });
    const to = one["roleRef"] as { kind: string; name: string };
    const roleKey = to.kind === "Role" && namespace !== undefined ? `roles/${namespace}/${to.name}` : `clusterroles//${to.name}`;
    const rules = (objects.get(roleKey)?.["rules"] ?? []) as readonly PolicyRule[];
    return isMeant && rules.some((rule) => naiveRule(rule, attributes));
  });
}

function naiveRule(rule: PolicyRule, attributes: Attributes): boolean {
  const any = (list: readonly string[], test: (one: string) => boolean): boolean => list.some((one) => one === "*" || test(one));
  if (!any(rule.verbs, (verb) => verb === attributes.verb)) return false;
  if (isPath(attributes)) {
    return any(rule.nonResourceURLs, (url) => (url.endsWith("*") ? attributes.path.startsWith(url.slice(0, -1)) : url === attributes.path));
  }
  const { group, resource, subresource, name } = attributes;
  return (
    any(rule.apiGroups, (one) => one === group) &&
    any(rule.resources, (one) =>
      subresource === undefined ? one === resource : one === `${resource}/${subresource}` || one === `*/${subresource}`,
    ) &&
    (rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name)))
  );
}

property.prop([fc.array(arbWrite, { maxLength: 12 }), fc.array(arbAttributes, { minLength: 1, maxLength: 6 })], { numRuns: 400 })(
  "the book decides as the documentation's sentences do, whatever was written before",
  (writes, asked) => {
    const book = new AccessBook();
    const objects = new Map<string, KubeObject>();
    for (const { resource, object, isGone } of writes) {
      const key = `${resource}/${object.metadata.namespace ?? ""}/${object.metadata.name}`;
      if (isGone) {
        book.remove(resource, object.metadata.name, object.metadata.namespace);
        objects.delete(key);
      } else {
        book.put(resource, object);
        objects.set(key, object);
      }
    }
    for (const user of [ANN, ROBOT]) {
      for (const attributes of asked) {
        expect(book.decide(user, attributes).isAllowed).toBe(naive(objects, user, attributes));
        // The same answer from the list that `kubectl auth can-i --list` shows.
        const rules = book.rulesOf(user, isPath(attributes) ? undefined : attributes.namespace);
        expect(rules.some((rule) => naiveRule(rule, attributes))).toBe(naive(objects, user, attributes));
      }
    }
  },
);

property.prop([fc.array(arbRule, { maxLength: 3 }), fc.array(arbRule, { maxLength: 3 }), arbAttributes], { numRuns: 400 })(
  "rules that are covered allow nothing that their giver may not",
  (owned, wanted, attributes) => {
    const missing = uncoveredRules(owned, wanted);
    expect(uncoveredRules(wanted, wanted)).toEqual([]);
    if (missing.length > 0) return;
    const allows = (rules: readonly PolicyRule[]): boolean => rules.some((rule) => naiveRule(rule, attributes));
    if (allows(wanted)) expect(allows(owned)).toBe(true);
  },
);

test("what is not covered is named as the API server names it", () => {
  const owned = [{ verbs: ["get"], apiGroups: [""], resources: ["pods"], resourceNames: [], nonResourceURLs: [] }];
  const wanted = [{ verbs: ["get", "delete"], apiGroups: [""], resources: ["pods"], resourceNames: ["a"], nonResourceURLs: [] }];
  expect(uncoveredRules(owned, wanted).map(ruleText)).toEqual([
    '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["delete"]}',
  ]);
});
