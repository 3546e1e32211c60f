import { matchesLabels, meetsRequirement } from "../controllers/objects/index.ts";
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from "../controllers/objects/index.ts";

/** As much as the strongest single preference. */
const SOFT_TAINT_WEIGHT = 100;

/** Whether node selector and required node affinity of a pod admit a node. */
export function matchesNodeAffinity(spec: PodSpec, node: Node): boolean {
  if (!matchesLabels(spec.nodeSelector ?? {}, node.metadata.labels)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesTerms(required.nodeSelectorTerms, node);
}

export function matchesTerms(terms: readonly NodeSelectorTerm[], node: Node): boolean {
  return terms.some((term) => matchesTerm(term, node));
}

interface PreferredTerm {
  readonly weight: number;
  readonly preference: NodeSelectorTerm;
}

/** The weights of the preferred node affinity terms that a node meets; each soft taint that is not tolerated counts against it. */
export function nodePreference(spec: PodSpec, node: Node): number {
  const preferred = (spec.affinity?.nodeAffinity?.["preferredDuringSchedulingIgnoredDuringExecution"] ?? []) as readonly PreferredTerm[];
  const weight = preferred.reduce((sum, term) => sum + (matchesTerm(term.preference, node) ? term.weight : 0), 0);
  const soft = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect === "PreferNoSchedule" && !(spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint)),
  );
  return weight - SOFT_TAINT_WEIGHT * soft.length;
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
