/** Access policies of EKS with a meaning in any cluster (EKS User Guide, "Review access policy permissions"). */
const NAMES = [
  "AmazonEKSAdminPolicy",
  "AmazonEKSAdminViewPolicy",
  "AmazonEKSAutoNodePolicy",
  "AmazonEKSBlockStorageClusterPolicy",
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSClusterAdminPolicy",
  "AmazonEKSComputeClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSEditPolicy",
  "AmazonEKSHybridPolicy",
  "AmazonEKSLoadBalancingClusterPolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingClusterPolicy",
  "AmazonEKSNetworkingPolicy",
  "AmazonEKSSecretReaderPolicy",
  "AmazonEKSViewPolicy",
] as const;

export interface AccessPolicy {
  readonly name: string;
  readonly arn: string;
}

export const ACCESS_POLICIES: readonly AccessPolicy[] = NAMES.map((name) => ({
  name,
  arn: `arn:aws:eks::aws:cluster-access-policy/${name}`,
}));

export const CLUSTER_ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

export function accessPolicy(arn: string): AccessPolicy | undefined {
  return ACCESS_POLICIES.find((policy) => policy.arn === arn);
}

/**
 * The Kubernetes role that grants what a policy grants: those of its user-facing roles that EKS built the policy after. Policies of EKS's own
 * controllers grant nothing to people and have none.
 */
export function clusterRoleOf(policyArn: string): string | undefined {
  return ROLES[policyArn.replace(/^.*\//, "")];
}

const ROLES: Readonly<Record<string, string>> = {
  AmazonEKSClusterAdminPolicy: "cluster-admin",
  AmazonEKSAdminPolicy: "admin",
  AmazonEKSEditPolicy: "edit",
  AmazonEKSViewPolicy: "view",
  AmazonEKSAdminViewPolicy: "eks:admin-view",
  AmazonEKSSecretReaderPolicy: "eks:secret-reader",
};
