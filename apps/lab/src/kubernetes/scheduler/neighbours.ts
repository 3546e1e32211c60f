import type { Node, Pod } from "../controllers/objects/index.ts";
import type { NodeLoad } from "./node-load.ts";
import { affinityTerms, antiAffinityTerms, preferredTerms, speaksOf } from "./pod-terms.ts";
import type { NamespaceLabels, PodTerm } from "./pod-terms.ts";

export interface Neighbourhood {
  readonly pod: Pod;
  readonly nodes: readonly Node[];
  readonly loads: ReadonlyMap<string, NodeLoad>;
  readonly namespaceLabels: NamespaceLabels;
}

/** What the pods that are there already mean for a new one. */
export interface Neighbours {
  /** Why a node is out. */
  misfits(node: Node): readonly string[];
  /** The sum of the weights of what the pod would like, with what others would like of it. */
  score(node: Node): number;
}

/** Pods that a term speaks of, by the value of its topology key. */
type Domains = ReadonlyMap<string, number>;

export function neighboursOf(hood: Neighbourhood): Neighbours {
  const { pod } = hood;
  const near = affinityTerms(pod.spec).map((term) => ({ term, domains: domainsOf(hood, term) }));
  const far = antiAffinityTerms(pod.spec).map((term) => ({ term, domains: domainsOf(hood, term) }));
  const liked = preferredTerms(pod.spec).map(({ weight, podAffinityTerm: term }) => ({ weight, term, domains: domainsOf(hood, term) }));
  const guards = guardsOf(hood);
  // The first of a group that wants to be together has nobody to join yet.
  const isFirst =
    near.length > 0 && near.every(({ domains, term }) => domains.size === 0 && speaksOf(term, pod, pod, hood.namespaceLabels));
  const countAt = (node: Node, term: PodTerm, domains: Domains): number => domains.get(valueOf(node, term) ?? "") ?? 0;
  return {
    misfits(node) {
      const lacks = near.some(({ term, domains }) => valueOf(node, term) === undefined || (!isFirst && countAt(node, term, domains) === 0));
      if (lacks) return ["node(s) didn't match pod affinity rules"];
      if (far.some(({ term, domains }) => countAt(node, term, domains) > 0)) return ["node(s) didn't match pod anti-affinity rules"];
      const isGuarded = guards.some(({ key, value }) => node.metadata.labels?.[key] === value);
      return isGuarded ? ["node(s) didn't satisfy existing pods anti-affinity rules"] : [];
    },
    score: (node) => liked.reduce((sum, { weight, term, domains }) => sum + weight * countAt(node, term, domains), 0),
  };
}

function valueOf(node: Node, { topologyKey }: PodTerm): string | undefined {
  return node.metadata.labels?.[topologyKey];
}

function domainsOf({ pod, nodes, loads, namespaceLabels }: Neighbourhood, term: PodTerm): Domains {
  const domains = new Map<string, number>();
  for (const node of nodes) {
    const value = valueOf(node, term);
    if (value === undefined) continue;
    for (const other of loads.get(node.metadata.name)?.pods.values() ?? []) {
      if (speaksOf(term, pod, other, namespaceLabels)) domains.set(value, (domains.get(value) ?? 0) + 1);
    }
  }
  return domains;
}

/** Domains that pods already there keep this one out of. */
function guardsOf({ pod, nodes, loads, namespaceLabels }: Neighbourhood): readonly { readonly key: string; readonly value: string }[] {
  return nodes.flatMap((node) =>
    [...(loads.get(node.metadata.name)?.guarded.values() ?? [])].flatMap((guard) =>
      antiAffinityTerms(guard.spec).flatMap((term) => {
        const value = valueOf(node, term);
        return value !== undefined && speaksOf(term, guard, pod, namespaceLabels) ? [{ key: term.topologyKey, value }] : [];
      }),
    ),
  );
}
