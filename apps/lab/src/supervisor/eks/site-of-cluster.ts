import { formatCidrRange } from "@slash28/address";
import { ownServiceAddresses, serviceRangeOf, type ClusterRecord } from "@slash28/eks";
import type { ClusterSite } from "../node-groups/index.ts";
import type { ClusterUnit } from "./cluster-unit.ts";
import { EKS_CLIENT } from "./server-side-apply.ts";

/** Why a cluster gets no nodes in a lab, whatever is launched for it; `undefined` for one that does. */
export function withoutNodes({ network }: Pick<ClusterRecord, "network">): string | undefined {
  return network.ipFamily === "ipv6"
    ? "the cluster is of ipFamily ipv6, and this lab's nodes give pods IPv4 addresses alone; create a cluster of ipFamily ipv4 for nodes"
    : undefined;
}

/** A cluster whose control plane runs, as node groups see it. */
export function siteOfCluster(cluster: ClusterRecord, { api, gateway, endpoint }: ClusterUnit): ClusterSite {
  const serviceRange = serviceRangeOf(cluster.network);
  const why = withoutNodes(cluster);
  return {
    nodes: {
      name: cluster.name,
      endpoint,
      certificateAuthority: Buffer.from(api.caPem).toString("base64"),
      serviceCidr: formatCidrRange(serviceRange),
      dnsAddress: ownServiceAddresses(serviceRange).dns,
      securityGroupId: cluster.clusterSecurityGroupId ?? "",
    },
    vpcId: cluster.vpc.vpcId,
    version: cluster.version,
    isIpv6: cluster.network.ipFamily === "ipv6",
    ...(why === undefined ? {} : { withoutNodes: why }),
    kube: gateway.kubeOf(EKS_CLIENT),
  };
}
