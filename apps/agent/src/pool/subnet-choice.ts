import type { SubnetId } from "@slash28/address";
import type { Ec2Subnet } from "@slash28/ports";

const ROLE = "kubernetes.io/role/cni";
const CLUSTER = "cni.networking.k8s.aws/cluster/";

/**
 * The subnets a new ENI may be made in, most free addresses first (VPC CNI, subnet discovery): those tagged for CNI use and, unless tagged
 * against it, the node's own. A subnet tagged for other clusters only is left to them. Without discovery only the node's own counts.
 */
export function chooseSubnets(
  found: readonly Ec2Subnet[],
  node: { readonly subnetId: SubnetId; readonly discovery: boolean; readonly clusterName: string | undefined },
): readonly Ec2Subnet[] {
  const usable = found.filter((subnet) => {
    const isOwn = subnet.id === node.subnetId;
    return (node.discovery || isOwn) && isUsable(subnet, isOwn, node.clusterName);
  });
  return usable.sort((a, b) => b.freeAddresses - a.freeAddresses);
}

function isUsable(subnet: Ec2Subnet, isOwn: boolean, clusterName: string | undefined): boolean {
  const role = subnet.tags[ROLE];
  if (role === "0") return false;
  if (role === undefined || role === "") return isOwn;
  const clusters = Object.keys(subnet.tags).filter((key) => key.startsWith(CLUSTER));
  return clusterName === undefined || clusters.length === 0 || clusters.includes(CLUSTER + clusterName);
}
