import type { SubnetId } from "@slash28/address";

/** What decides where pods' addresses come from, of a subnet as EC2 describes it. */
export interface DescribedSubnet {
  readonly id: SubnetId;
  readonly freeAddresses: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** The tag that lets ENIs be made in a subnet (any value), or keeps pods out of it ("0"). */
export const CNI_ROLE_TAG = "kubernetes.io/role/cni";
const CLUSTER = "cni.networking.k8s.aws/cluster/";

/**
 * The subnets a new ENI may be made in, most free addresses first (VPC CNI, subnet discovery): those tagged for CNI use and, unless tagged
 * against it, the node's own. A subnet tagged for other clusters only is left to them. Without discovery only the node's own counts, unless
 * it is tagged 0.
 */
export function chooseSubnets<S extends DescribedSubnet>(
  found: readonly S[],
  node: { readonly subnetId: SubnetId; readonly discovery: boolean; readonly clusterName: string | undefined },
): readonly S[] {
  const usable = found.filter((subnet) => {
    const isOwn = subnet.id === node.subnetId;
    if (!node.discovery) return isOwn && subnet.tags[CNI_ROLE_TAG] !== "0";
    return !isExcluded(subnet, node.clusterName) && (isOwn || Boolean(subnet.tags[CNI_ROLE_TAG]));
  });
  return usable.sort((a, b) => b.freeAddresses - a.freeAddresses);
}

/** The subnets whose ENIs, the primary one too, take no pods: tagged 0, or tagged for other clusters only. */
export function excludedSubnets(found: readonly DescribedSubnet[], clusterName: string | undefined): ReadonlySet<SubnetId> {
  return new Set(found.filter((subnet) => isExcluded(subnet, clusterName)).map((subnet) => subnet.id));
}

function isExcluded(subnet: DescribedSubnet, clusterName: string | undefined): boolean {
  const role = subnet.tags[CNI_ROLE_TAG];
  if (role === "0") return true;
  if (role === undefined || role === "" || clusterName === undefined) return false;
  const clusters = Object.keys(subnet.tags).filter((key) => key.startsWith(CLUSTER));
  return clusters.length > 0 && !clusters.includes(CLUSTER + clusterName);
}
