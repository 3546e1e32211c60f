import type { SubnetId } from "@slash28/address";
import type { InstanceLimits } from "@slash28/limits";
import type { BlockKind } from "./pool-view.ts";
import type { PoolSettings } from "./settings.ts";

/** What a node's type and its kubelet allow; beside the settings, the planner's other fixed input. */
export interface NodeFacts {
  /** ENIs the default network card takes, the primary one included. */
  readonly maxEnis: number;
  /** IPv4 slots of an ENI, the one of its primary address included. */
  readonly ipv4PerEni: number;
  /** Pods kubelet accepts, `status.capacity.pods`. */
  readonly maxPods: number;
  /** Nitro and bare metal can hold prefixes; Xen cannot. */
  readonly holdsPrefixes: boolean;
  /** ENIs on the card that are not in the ledger: left to someone else, or kept back for a trunk. */
  readonly reservedEnis: number;
  /** Where a new ENI may be made; absent: not known. All of them refusing means that no ENI is asked for. */
  readonly newEniSubnets?: readonly SubnetId[];
}

/** The facts of a node of a known instance type. */
export function nodeFacts(limits: InstanceLimits, maxPods: number, more: { readonly reservedEnis?: number } = {}): NodeFacts {
  return {
    maxEnis: limits.maxEnis,
    ipv4PerEni: limits.ipv4PerEni,
    maxPods,
    holdsPrefixes: limits.hypervisor === "nitro" || limits.bareMetal,
    reservedEnis: more.reservedEnis ?? 0,
  };
}

/** What slots are filled with on this node: prefixes only if they are switched on and the type can hold them (as upstream, silently). */
export function blockKindOf(settings: Pick<PoolSettings, "prefixDelegation">, node: Pick<NodeFacts, "holdsPrefixes">): BlockKind {
  return settings.prefixDelegation && node.holdsPrefixes ? "prefix" : "address";
}
