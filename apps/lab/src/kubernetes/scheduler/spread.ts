import { matchesSelector } from "../controllers/objects/index.ts";
import type { LabelSelector } from "../controllers/objects/workload.ts";
import type { Node, Pod } from "../controllers/objects/index.ts";
import { matchesNodeAffinity, untoleratedTaint } from "./node-fit.ts";
import type { NodeLoad } from "./node-load.ts";

/** https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ */
interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: string;
  readonly labelSelector?: LabelSelector;
  readonly minDomains?: number;
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
  readonly matchLabelKeys?: readonly string[];
}

export interface Spread {
  /** Why a node is out. */
  misfits(node: Node): readonly string[];
  /** How crowded the node's domains are, for constraints that are only wished for; lower is better. */
  crowd(node: Node): number;
}

const NO_SPREAD: Spread = { misfits: () => [], crowd: () => 0 };
const TOO_SKEWED = "node(s) didn't match pod topology spread constraints";

export function spreadOf(pod: Pod, nodes: readonly Node[], loads: ReadonlyMap<string, NodeLoad>): Spread {
  const constraints = (pod.spec["topologySpreadConstraints"] ?? []) as readonly SpreadConstraint[];
  if (constraints.length === 0) return NO_SPREAD;
  const counted = constraints.map((constraint) => ({ constraint, domains: domainsOf(constraint, { pod, nodes, loads, constraints }) }));
  const hard = counted.filter(({ constraint }) => constraint.whenUnsatisfiable !== "ScheduleAnyway");
  const soft = counted.filter(({ constraint }) => constraint.whenUnsatisfiable === "ScheduleAnyway");
  return {
    misfits(node) {
      for (const { constraint, domains } of hard) {
        const value = node.metadata.labels?.[constraint.topologyKey];
        if (value === undefined) return [`${TOO_SKEWED} (missing required label)`];
        const isCounted = covers(constraint, pod, pod) ? 1 : 0;
        const fewest = domains.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...domains.values());
        if ((domains.get(value) ?? 0) + isCounted - fewest > constraint.maxSkew) return [TOO_SKEWED];
      }
      return [];
    },
    crowd: (node) =>
      soft.reduce((sum, { constraint, domains }) => sum + (domains.get(node.metadata.labels?.[constraint.topologyKey] ?? "") ?? 0), 0),
  };
}

interface SpreadObserved {
  readonly pod: Pod;
  readonly nodes: readonly Node[];
  readonly loads: ReadonlyMap<string, NodeLoad>;
  readonly constraints: readonly SpreadConstraint[];
}

/** Pods per domain, over the nodes that count; a domain without pods counts with none. */
function domainsOf(constraint: SpreadConstraint, { pod, nodes, loads, constraints }: SpreadObserved): ReadonlyMap<string, number> {
  const domains = new Map<string, number>();
  for (const node of nodes) {
    const value = node.metadata.labels?.[constraint.topologyKey];
    const hasAll = constraints.every(
      ({ topologyKey, whenUnsatisfiable }) => whenUnsatisfiable === "ScheduleAnyway" || node.metadata.labels?.[topologyKey] !== undefined,
    );
    if (value === undefined || !hasAll || !isEligible(constraint, pod, node)) continue;
    let count = domains.get(value) ?? 0;
    for (const other of loads.get(node.metadata.name)?.pods.values() ?? []) {
      if (other.metadata.deletionTimestamp === undefined && covers(constraint, pod, other)) count++;
    }
    domains.set(value, count);
  }
  return domains;
}

function isEligible({ nodeAffinityPolicy, nodeTaintsPolicy }: SpreadConstraint, pod: Pod, node: Node): boolean {
  if (nodeAffinityPolicy !== "Ignore" && !matchesNodeAffinity(pod.spec, node)) return false;
  return nodeTaintsPolicy !== "Honor" || untoleratedTaint(pod.spec.tolerations, node, ["NoSchedule", "NoExecute"]) === undefined;
}

function covers({ labelSelector, matchLabelKeys = [] }: SpreadConstraint, owner: Pod, pod: Pod): boolean {
  if (labelSelector === undefined || owner.metadata.namespace !== pod.metadata.namespace) return false;
  const value = (of: Pod, key: string): string | undefined => of.metadata.labels?.[key];
  return (
    matchesSelector(labelSelector, pod.metadata.labels) &&
    matchLabelKeys.every((key) => value(owner, key) === undefined || value(owner, key) === value(pod, key))
  );
}
