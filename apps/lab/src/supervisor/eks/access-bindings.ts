import { createHash } from "node:crypto";
import { accessEntryGroup, clusterRoleOf, type ClusterRecord } from "@slash28/eks";
import type { Kube, KubeObject } from "@slash28/ports";
import { RESOURCES } from "@slash28/kube";
import type { Placed } from "../custom-resources.ts";

const RBAC = "rbac.authorization.k8s.io/v1";
/** Bindings that stand for access policies carry it; those that no policy stands for any more go. */
export const BINDING_LABEL = "eks.amazonaws.com/access-policy";
const CLUSTER_BINDINGS = { group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterrolebindings" } as const;
const BINDINGS = { group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings" } as const;
const CLUSTER_ROLES = { group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterroles" } as const;

/** Roles of access policies that Kubernetes has none of its own for. */
export const POLICY_ROLES: readonly Placed[] = [
  role("eks:admin-view", [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] }]),
  role("eks:secret-reader", [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] }]),
];

function role(name: string, rules: readonly object[]): Placed {
  return { resource: CLUSTER_ROLES, object: { apiVersion: RBAC, kind: "ClusterRole", metadata: { name }, rules } };
}

/**
 * The bindings a cluster's access policies come to. EKS judges them beside RBAC; here they are bindings to each entry's own group, with the roles
 * EKS built its policies after. A namespace of a scope may have `*` in it.
 */
export function accessBindings(cluster: ClusterRecord, namespaces: readonly string[]): readonly Placed[] {
  if (cluster.authenticationMode === "CONFIG_MAP") return [];
  return Object.values(cluster.accessEntries).flatMap((entry) =>
    Object.values(entry.policies).flatMap(({ policyArn, scope }) => {
      const roleName = clusterRoleOf(policyArn);
      if (roleName === undefined) return [];
      const parts = { principalArn: entry.principalArn, policy: policyArn.replace(/^.*\//, ""), roleName };
      if (scope.type === "cluster") return [bindingOf(parts, undefined)];
      return namespaces.filter((name) => scope.namespaces.some((pattern) => fits(pattern, name))).map((name) => bindingOf(parts, name));
    }),
  );
}

function fits(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === name;
  const last = rest.at(-1) ?? "";
  return name.startsWith(first) && name.endsWith(last) && name.length >= first.length + last.length;
}

function bindingOf(
  { principalArn, policy, roleName }: { readonly principalArn: string; readonly policy: string; readonly roleName: string },
  namespace: string | undefined,
): Placed {
  const hash = createHash("sha256").update(principalArn).digest("hex").slice(0, 10);
  const object: KubeObject = {
    apiVersion: RBAC,
    kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: { name: `eks:${policy}:${hash}`, ...(namespace === undefined ? {} : { namespace }), labels: { [BINDING_LABEL]: policy } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: roleName },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: accessEntryGroup(principalArn) }],
  };
  return { resource: namespace === undefined ? CLUSTER_BINDINGS : BINDINGS, object };
}

/** Makes a cluster's bindings those of its access policies. */
export async function syncAccessBindings(kube: Kube, cluster: ClusterRecord): Promise<void> {
  const { items: namespaces } = await kube.list(RESOURCES.namespaces);
  const wanted = accessBindings(
    cluster,
    namespaces.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name),
  );
  const keyOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
  const wantedKeys = new Set(wanted.map(({ object }) => keyOf(object)));
  const present = new Set<string>();
  for (const resource of [CLUSTER_BINDINGS, BINDINGS]) {
    const { items } = await kube.list(resource, { labelSelector: BINDING_LABEL });
    for (const item of items) {
      const { name, namespace } = item.metadata;
      if (wantedKeys.has(keyOf(item))) present.add(keyOf(item));
      else await kube.delete(resource, name, namespace);
    }
  }
  for (const placed of wanted) if (!present.has(keyOf(placed.object))) await kube.create(placed.resource, placed.object);
}
