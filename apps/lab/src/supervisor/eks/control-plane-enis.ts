import type { EniId, SecurityGroupId, SubnetId } from "@slash28/address";
import type { ClusterRecord } from "@slash28/eks";
import type { Cloud } from "@slash28/vpc";

/** The account EKS runs control planes in, as attachments of its ENIs show it. */
const EKS_ACCOUNT = "602401143452";
const REQUESTER = "AROASLASH28EKSSERVICE:AmazonEKS";
/** EKS puts two to four into a cluster's subnets, in different zones. */
const ENIS = 2;

/**
 * Puts the ENIs of a cluster's control plane into its subnets, as EKS does: requester-managed, with the cluster security group. They hold one
 * address each. A subnet without a free address is passed over: a lab may be that small.
 */
export function putControlPlaneEnis(cloud: Cloud, cluster: ClusterRecord, groupId: string, now: number): void {
  const zones = new Set(controlPlaneEnis(cloud, cluster.name).map(({ zone }) => zone));
  for (const id of cluster.vpc.subnetIds) {
    const subnet = cloud.view.subnet(id as SubnetId);
    if (subnet === undefined || zones.has(subnet.zone) || zones.size >= ENIS) continue;
    const groups = [groupId, ...cluster.vpc.securityGroupIds] as SecurityGroupId[];
    const input = {
      subnetId: subnet.id,
      kind: "interface",
      description: descriptionOf(cluster.name),
      groups,
      requesterId: REQUESTER,
      attachmentOwner: EKS_ACCOUNT,
      hasIpv6: cluster.network.ipFamily === "ipv6",
      tags: { Name: `eks-cluster-${cluster.name}` },
    } as const;
    if (cloud.createServiceEni(input, { now }).ok) zones.add(subnet.zone);
  }
}

export function removeControlPlaneEnis(cloud: Cloud, clusterName: string, now: number): void {
  for (const { id } of controlPlaneEnis(cloud, clusterName)) cloud.deleteServiceEni({ eniId: id }, { now });
}

function controlPlaneEnis(cloud: Cloud, clusterName: string): readonly { readonly id: EniId; readonly zone: string }[] {
  return cloud.view.enis().filter((eni) => eni.requester?.id === REQUESTER && eni.description === descriptionOf(clusterName));
}

function descriptionOf(clusterName: string): string {
  return `Amazon EKS ${clusterName}`;
}
