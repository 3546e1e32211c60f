import { matchesLabels, meetsRequirement } from "../controllers/objects/index.ts";
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from "../controllers/objects/index.ts";

/** Whether node selector and required node affinity of a pod admit a node. */
export function matchesNodeAffinity(spec: PodSpec, node: Node): boolean {
  if (!matchesLabels(spec.nodeSelector ?? {}, node.metadata.labels)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

/** A term without requirements matches no node, as in the API. */
function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => meetsRequirement(requirement, node.metadata.labels?.[requirement.key])) &&
    matchFields.every((requirement) => meetsRequirement(requirement, requirement.key === "metadata.name" ? node.metadata.name : undefined))
  );
}

/** The node's first taint with one of these effects that no toleration covers. */
export function untoleratedTaint(
  tolerations: readonly Toleration[] | undefined,
  node: Node,
  effects: readonly string[],
): Taint | undefined {
  return node.spec?.taints?.find(
    (taint) => effects.includes(taint.effect) && !(tolerations ?? []).some((toleration) => tolerates(toleration, taint)),
  );
}

/** An empty key with `Exists` covers every taint, an absent effect every effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== "" && toleration.effect !== taint.effect) return false;
  const isExists = toleration.operator === "Exists";
  if (toleration.key === undefined || toleration.key === "") return isExists;
  return toleration.key === taint.key && (isExists || (toleration.value ?? "") === (taint.value ?? ""));
}
