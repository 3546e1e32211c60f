import { HOST_NETWORK_PODS, limitsOf, maxPodsOf, type InstanceLimits } from "@slash28/limits";
import { MODES, type PlanMode } from "./mode.ts";
import type { Needs } from "./needs.ts";

/** What one instance type does in one mode. */
export interface NodeSize {
  readonly instanceType: string;
  readonly limits: InstanceLimits;
  /** What kubelet is told. */
  readonly maxPods: number;
  /** Pods of the workload it takes: below max pods, without DaemonSets', and no more than CPU and memory allow. */
  readonly places: number;
  /** Pods with security groups of their own it takes besides. */
  readonly branchPods: number;
  /** Slots of an ENI that pods may have. */
  readonly slotsPerEni: number;
}

export type SizedNode = { readonly ok: true; readonly size: NodeSize } | { readonly ok: false; readonly reason: string };

/** The type's size in a mode, or why the mode is not for it. */
export function nodeSizeOf(instanceType: string, mode: PlanMode, needs: Needs): SizedNode {
  const limits = limitsOf(instanceType);
  if (limits === undefined) return { ok: false, reason: `instance type ${instanceType} is not known` };
  const { usesPrefixes, hasPodSubnets, isIpv6, isVpcCni } = MODES[mode];
  const result = maxPodsOf({
    instance: limits,
    cniVersion: needs.cniVersion,
    prefixDelegation: usesPrefixes,
    customNetworking: hasPodSubnets,
    securityGroupsForPods: isVpcCni && needs.isolatedPods > 0,
    ipv6: isIpv6,
  });
  if (!result.ok) return { ok: false, reason: result.error.message };
  const { maxPods, cap, branchPods, mode: counted } = result.value;
  if (usesPrefixes && !isIpv6 && counted !== "prefixes")
    return { ok: false, reason: result.value.notes[0] ?? `${instanceType} holds no prefixes` };
  const told = isVpcCni ? maxPods : cap;
  const byMaxPods = told - HOST_NETWORK_PODS - needs.daemonPods;
  if (byMaxPods < 1)
    return {
      ok: false,
      reason: `${instanceType} runs ${told} pods, and ${HOST_NETWORK_PODS + needs.daemonPods} are the system's on each node`,
    };
  const places = Math.min(byMaxPods, needs.podsPerNodeByCompute ?? Number.POSITIVE_INFINITY);
  return { ok: true, size: { instanceType, limits, maxPods: told, places, branchPods, slotsPerEni: limits.ipv4PerEni - 1 } };
}
