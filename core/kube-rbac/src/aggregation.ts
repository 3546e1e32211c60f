import { at, isFields, labelSelectorOf, listOf, matchesLabels, type KubeObject } from "@slash28/kube-store";

/** Whether a ClusterRole is put together out of others. */
export function isAggregated(role: KubeObject): boolean {
  return isFields(at(role, "aggregationRule"));
}

/**
 * The rules a ClusterRole with an `aggregationRule` holds: those of every other ClusterRole that one of its selectors picks, in order of
 * their names, each rule once. `undefined` for a role that is not put together.
 */
export function aggregatedRules(role: KubeObject, all: readonly KubeObject[]): readonly unknown[] | undefined {
  if (!isAggregated(role)) return undefined;
  const selectors = listOf(at(role, "aggregationRule", "clusterRoleSelectors")).flatMap((selector) => {
    const read = labelSelectorOf(selector);
    return read === undefined ? [] : [read];
  });
  const picked = all.filter(
    (one) => one.metadata.name !== role.metadata.name && selectors.some((selector) => matchesLabels(selector, one.metadata.labels)),
  );
  const rules = new Map<string, unknown>();
  for (const rule of picked.flatMap((one) => listOf(at(one, "rules")))) rules.set(JSON.stringify(rule), rule);
  return [...rules.values()];
}
