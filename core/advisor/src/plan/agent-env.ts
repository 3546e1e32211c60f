import type { Candidate } from "./candidate.ts";
import { MODES } from "./mode.ts";
import type { Needs } from "./needs.ts";
import { WARM_ADDRESSES } from "./node-cost.ts";

/** Variables of `aws-node` that a mode needs; the arithmetic of `node-cost.ts` holds for these warm targets. */
export function agentEnv({ mode, planned }: Candidate, needs: Needs): Readonly<Record<string, string>> {
  const { usesPrefixes, hasPodSubnets, isIpv6, isVpcCni } = MODES[mode];
  if (!isVpcCni) return {};
  const isolation = needs.isolatedPods > 0 ? { ENABLE_POD_ENI: "true", POD_SECURITY_GROUP_ENFORCING_MODE: "standard" } : {};
  // EKS sets both for a cluster of IPv6 itself; the add-on must not take them away.
  if (isIpv6) return { ENABLE_IPv6: "true", ENABLE_PREFIX_DELEGATION: "true", ...isolation };
  return {
    ...(usesPrefixes
      ? { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" }
      : { WARM_ENI_TARGET: "0", WARM_IP_TARGET: String(WARM_ADDRESSES), MINIMUM_IP_TARGET: String(planned.podsPerNode) }),
    ...(hasPodSubnets ? { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" } : {}),
    ...isolation,
  };
}
