import { cidr4Has, cidr4Size, type SubnetId } from "@slash28/address";
import type { SeenEni } from "./aws-objects.ts";
import { usesPool, type ClusterView, type ViewNode } from "./cluster-view.ts";

/** What a node's ENIs hold for pods. */
export interface NodeHoldings {
  readonly held: number;
  /** Of these, what pods have. */
  readonly assigned: number;
  readonly idle: number;
  /** Slots of its ENIs in use for pods: one per address or prefix. */
  readonly slots: number;
  readonly prefixes: number;
}

/** Whether the agent gives pods addresses of an ENI: not of a trunk, of an EFA, or of one that is tagged as somebody else's. */
export function isAgents({ kind, tags, networkCard }: SeenEni): boolean {
  return kind === "interface" && networkCard === 0 && tags["node.k8s.amazonaws.com/no_manage"] !== "true";
}

/** ENIs of a node that its agent manages, and those that take places beside them. */
export function agentEnisOf({ enis }: ViewNode): readonly SeenEni[] {
  return enis.filter(isAgents);
}

export function holdingsOf(node: ViewNode, only?: SubnetId): NodeHoldings {
  const enis = agentEnisOf(node).filter(({ subnetId }) => only === undefined || subnetId === only);
  const singles = enis.flatMap(({ addresses }) => addresses);
  const prefixes = enis.flatMap((eni) => eni.prefixes);
  const held = singles.length + prefixes.reduce((sum, range) => sum + cidr4Size(range), 0);
  const ofSingles = new Set(singles);
  const assigned = node.pods.filter(
    (pod) => usesPool(pod) && pod.addresses.some((address) => ofSingles.has(address) || prefixes.some((range) => cidr4Has(range, address))),
  ).length;
  return { held, assigned, idle: held - assigned, slots: singles.length + prefixes.length, prefixes: prefixes.length };
}

/** Pods of a node that take, or will take, an address of its pool. */
export function poolPodsOf({ pods }: ViewNode): number {
  return pods.filter(usesPool).length;
}

/** Whether the snapshot can say what nodes hold and use. */
export function knowsHoldings({ snapshot }: ClusterView): boolean {
  return snapshot.enis !== undefined && snapshot.pods !== undefined;
}
