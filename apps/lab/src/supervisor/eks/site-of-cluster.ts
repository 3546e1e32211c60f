import type { ClusterRecord } from "@slash28/eks";
import type { ClusterSite } from "../node-groups/index.ts";
import { ownServiceAddresses } from "../service-range.ts";
import { serviceRangeOf } from "./cluster-network.ts";
import type { ClusterUnit } from "./cluster-unit.ts";
import { EKS_CLIENT } from "./server-side-apply.ts";

/** A cluster whose control plane runs, as node groups see it. */
export function siteOfCluster(cluster: ClusterRecord, { api, gateway, endpoint }: ClusterUnit): ClusterSite {
  const { network } = cluster;
  const isIpv6 = network.ipFamily === "ipv6";
  return {
    nodes: {
      name: cluster.name,
      endpoint,
      certificateAuthority: Buffer.from(api.caPem).toString("base64"),
      serviceCidr: isIpv6 ? network.serviceIpv6Cidr : network.serviceIpv4Cidr,
      dnsAddress: ownServiceAddresses(serviceRangeOf(cluster)).dns,
      securityGroupId: cluster.clusterSecurityGroupId ?? "",
    },
    vpcId: cluster.vpc.vpcId,
    version: cluster.version,
    isIpv6,
    kube: gateway.kubeOf(EKS_CLIENT),
  };
}
