/** Series of the VPC CNI that this agent never feeds: metric, label value, and why. */
export const UNFED_SERIES: readonly (readonly [metric: string, value: string, why: string])[] = [
  [
    "awscni_ipamd_error_count",
    "increaseIPPoolGetENIaddressesFailed",
    "EC2's answer to the assignment has the addresses; nothing is read again",
  ],
  ["awscni_ipamd_error_count", "increaseIPPoolGetENIprefixedFailed", "the same, for prefixes"],
  ["awscni_ipamd_error_count", "addENIsecondaryIPsToDataStoreFailed", "the ledger is memory: it takes what EC2 gave"],
  ["awscni_ipamd_error_count", "addENIv4prefixesToDataStoreFailed", "the same"],
  ["awscni_ipamd_error_count", "addENIv6prefixesToDataStoreFailed", "IPv6 is not served"],
  ["awscni_ipamd_error_count", "eniReconcileAdd", "an ENI that cannot be adopted fails the whole look: `reconcileFailedGetENIs`"],
  ["awscni_ipamd_error_count", "eniReconcileDel", "the ledger is memory: forgetting an ENI cannot fail"],
  ["awscni_ipamd_error_count", "ipReconcileAdd", "the same, for addresses"],
  ["awscni_ipamd_error_count", "ipReconcileDel", "the same"],
  ["awscni_ipamd_error_count", "prefixReconcileAdd", "the same, for prefixes"],
  ["awscni_pod_eni_error_count", "nodeInit", "security groups for pods are not served; the series is there and stays 0"],
  ["awscni_pod_eni_error_count", "tryEnableSecurityGroupsForPods", "the same"],
  ["awscni_connmark_backend", "iptables", "marks are always nftables'; the series is there and stays 0"],
  ["awscni_ipamd_startup_duration_seconds", "api_server_connectivity", "the agent starts without the API server"],
  ["go_…", "", "those of Go's runtime; `nodejs_…` and `process_…` are this agent's"],
];
