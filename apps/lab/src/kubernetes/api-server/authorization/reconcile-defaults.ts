import { aggregatedRules, isAggregated } from "@slash28/kube-rbac";
import { at, listOf, sameJson, type KubeObject, type Store } from "@slash28/kube-store";

import type { Cluster } from "../operations/cluster.ts";
import { createObject } from "../operations/create-object.ts";
import { storageName } from "../resources/resource-definition.ts";
import { AUTO_UPDATE, DEFAULT_BINDINGS, DEFAULT_ROLES } from "./default-roles.ts";

const GROUP = "rbac.authorization.k8s.io";
const CLUSTER_ROLES = storageName(GROUP, "clusterroles");
const PLURALS: Readonly<Record<string, string>> = {
  Role: "roles",
  ClusterRole: "clusterroles",
  RoleBinding: "rolebindings",
  ClusterRoleBinding: "clusterrolebindings",
};

/**
 * Makes the default roles and bindings that are missing, and gives those that are there what they lack, as the API server does at its
 * start. What somebody added stays; one whose `autoupdate` annotation is `false` is left alone.
 */
export function reconcileDefaults(cluster: Cluster): void {
  for (const wanted of [...DEFAULT_ROLES, ...DEFAULT_BINDINGS]) {
    const plural = PLURALS[wanted.kind] ?? "";
    const definition = cluster.registry.find(GROUP, "v1", plural);
    if (definition === undefined) continue;
    const { namespace } = wanted.metadata;
    const found = cluster.store.get(definition.storage, wanted.metadata);
    if (found === undefined) createObject(cluster, { definition, namespace }, wanted, {});
    else if (at(found, "metadata", "annotations", AUTO_UPDATE) !== "false") complete(cluster.store, definition.storage, found, wanted);
  }
}

function complete(store: Store, storage: string, found: KubeObject, wanted: KubeObject): void {
  const field = wanted.kind.endsWith("Binding") ? "subjects" : "rules";
  if (isAggregated(wanted)) return;
  const has = listOf(found[field]);
  const missing = listOf(wanted[field]).filter((one) => !has.some((other) => sameJson(one, other)));
  if (missing.length > 0) store.replace(storage, { ...found, [field]: [...has, ...missing] });
}

/** Keeps the rules of every ClusterRole with an `aggregationRule` what its selectors pick, from the moment a role changes. */
export function followAggregation(store: Store): void {
  const refresh = (): void => {
    const all = store.list(CLUSTER_ROLES);
    for (const role of all) {
      const rules = aggregatedRules(role, all);
      if (rules !== undefined && !sameJson(rules, listOf(role["rules"]))) store.replace(CLUSTER_ROLES, { ...role, rules });
    }
  };
  store.onWrite(({ resource, before, after }) => {
    if (resource !== CLUSTER_ROLES || !mattersToOthers(before, after)) return;
    refresh();
  });
  refresh();
}

/** A role that is put together, or that may be part of one: selectors go by labels. */
function mattersToOthers(before: KubeObject | undefined, after: KubeObject | undefined): boolean {
  return [before, after].some((role) => role !== undefined && (isAggregated(role) || role.metadata.labels !== undefined));
}
