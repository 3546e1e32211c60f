import type { Check } from "./check.ts";
import { accountEniQuota } from "./account-eni-quota.ts";
import { clusterSubnetsSharedWithNodes } from "./cluster-subnets-shared-with-nodes.ts";
import { cniRoleOnNodeRole } from "./cni-role-on-node-role.ts";
import { conflictingWarmSettings } from "./conflicting-warm-settings.ts";
import { customNetworkingOnOldNodes } from "./custom-networking-on-old-nodes.ts";
import { dns64OnPodSubnets } from "./dns64-on-pod-subnets.ts";
import { eniConfigInWrongZone } from "./eni-config-in-wrong-zone.ts";
import { eniConfigMissingForZone } from "./eni-config-missing-for-zone.ts";
import { fargateLimits } from "./fargate-limits.ts";
import { forwardPolicyDrop } from "./forward-policy-drop.ts";
import { imdsHopLimit } from "./imds-hop-limit.ts";
import { instanceAddressLimit } from "./instance-address-limit.ts";
import { ipv6Limits } from "./ipv6-limits.ts";
import { maxPodsLeftOld } from "./max-pods-left-old.ts";
import { missingEc2Permissions } from "./missing-ec2-permissions.ts";
import { mixedInstanceTypes } from "./mixed-instance-types.ts";
import { nlbWithoutCrossZone } from "./nlb-without-cross-zone.ts";
import { nodeLocalDnsInStrictMode } from "./node-local-dns-in-strict-mode.ts";
import { oneLoadBalancerPerIngress } from "./one-load-balancer-per-ingress.ts";
import { podEniDisabled } from "./pod-eni-disabled.ts";
import { podIdentityOnFargate } from "./pod-identity-on-fargate.ts";
import { podsInOneZone } from "./pods-in-one-zone.ts";
import { securityGroupPolicyMatchesNothing } from "./security-group-policy-matches-nothing.ts";
import { securityGroupPolicyOnNonNitro } from "./security-group-policy-on-non-nitro.ts";
import { securityGroupPolicyWithoutClusterGroup } from "./security-group-policy-without-cluster-group.ts";
import { securityGroupPolicyWithoutDnsEgress } from "./security-group-policy-without-dns-egress.ts";
import { skippedCniMinorVersions } from "./skipped-cni-minor-versions.ts";
import { subnetFragmented } from "./subnet-fragmented.ts";
import { subnetFull } from "./subnet-full.ts";
import { subnetRoleTagsMissing } from "./subnet-role-tags-missing.ts";
import { targetTypeInstance } from "./target-type-instance.ts";
import { warmEnisHoarding } from "./warm-enis-hoarding.ts";

/** Everything that is looked for: addresses first, then nodes, policies, settings, load balancing and the rest. */
export const CHECKS: readonly Check[] = [
  subnetFull,
  subnetFragmented,
  instanceAddressLimit,
  accountEniQuota,
  podsInOneZone,
  missingEc2Permissions,
  imdsHopLimit,
  securityGroupPolicyMatchesNothing,
  securityGroupPolicyOnNonNitro,
  securityGroupPolicyWithoutClusterGroup,
  securityGroupPolicyWithoutDnsEgress,
  podEniDisabled,
  maxPodsLeftOld,
  warmEnisHoarding,
  conflictingWarmSettings,
  customNetworkingOnOldNodes,
  eniConfigMissingForZone,
  eniConfigInWrongZone,
  targetTypeInstance,
  oneLoadBalancerPerIngress,
  nlbWithoutCrossZone,
  mixedInstanceTypes,
  cniRoleOnNodeRole,
  skippedCniMinorVersions,
  forwardPolicyDrop,
  dns64OnPodSubnets,
  subnetRoleTagsMissing,
  clusterSubnetsSharedWithNodes,
  nodeLocalDnsInStrictMode,
  ipv6Limits,
  fargateLimits,
  podIdentityOnFargate,
];

export function checkNamed(id: string): Check | undefined {
  return CHECKS.find((check) => check.id === id);
}
