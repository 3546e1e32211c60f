import { matchesSelector } from "../controllers/objects/index.ts";
import type { LabelSelector } from "../controllers/objects/workload.ts";
import type { Pod, PodSpec } from "../controllers/objects/index.ts";

/** A term of pod affinity or anti-affinity. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity */
export interface PodTerm {
  readonly topologyKey: string;
  readonly labelSelector?: LabelSelector;
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

export interface WeightedTerm {
  readonly weight: number;
  readonly podAffinityTerm: PodTerm;
}

interface PodRules {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedTerm[];
}

/** Labels of a namespace; `undefined` when it is not known. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined;

function rules(spec: PodSpec, kind: "podAffinity" | "podAntiAffinity"): PodRules {
  return spec.affinity?.[kind] ?? {};
}

export function affinityTerms(spec: PodSpec): readonly PodTerm[] {
  return rules(spec, "podAffinity").requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

export function antiAffinityTerms(spec: PodSpec): readonly PodTerm[] {
  return rules(spec, "podAntiAffinity").requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** What a pod would like: the weight counts against it where it keeps others away. */
export function preferredTerms(spec: PodSpec): readonly WeightedTerm[] {
  const near = rules(spec, "podAffinity").preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const far = rules(spec, "podAntiAffinity").preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [...near, ...far.map((term) => ({ ...term, weight: -term.weight }))];
}

/** Whether a term of `owner` speaks of `pod`. */
export function speaksOf(term: PodTerm, owner: Pod, pod: Pod, namespaceLabels: NamespaceLabels): boolean {
  const { labelSelector } = term;
  if (labelSelector === undefined || !matchesSelector(labelSelector, pod.metadata.labels)) return false;
  const namespace = pod.metadata.namespace ?? "default";
  if (!isInNamespaces(term, owner, namespace, namespaceLabels)) return false;
  const value = (of: Pod, key: string): string | undefined => of.metadata.labels?.[key];
  const same = (term.matchLabelKeys ?? []).filter((key) => value(owner, key) !== undefined);
  const other = (term.mismatchLabelKeys ?? []).filter((key) => value(owner, key) !== undefined);
  return same.every((key) => value(pod, key) === value(owner, key)) && other.every((key) => value(pod, key) !== value(owner, key));
}

function isInNamespaces(term: PodTerm, owner: Pod, namespace: string, namespaceLabels: NamespaceLabels): boolean {
  const { namespaces = [], namespaceSelector } = term;
  if (namespaces.includes(namespace)) return true;
  if (namespaceSelector !== undefined) return matchesSelector(namespaceSelector, namespaceLabels(namespace) ?? {});
  return namespaces.length === 0 && namespace === (owner.metadata.namespace ?? "default");
}
