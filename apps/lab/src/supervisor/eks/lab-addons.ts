import { cidr4, cidr4Has, formatIpv4, ipv4 } from "@slash28/address";
import type { ClusterFile } from "@slash28/cluster-file";
import type { Cloud } from "@slash28/vpc";
import { INTERNET } from "../../fabric/index.ts";
import { CLUSTER_DNS_ADDRESS } from "../cluster-dns.ts";
import type { LabOrder } from "../lab-order.ts";
import { corednsObjects, kubeProxyObjects, vpcCniObjects } from "./addon-objects.ts";
import type { AddonObjectsOf } from "./eks-side.ts";
import { extraEnv } from "./own-cluster.ts";

export interface LabAddonsOptions {
  readonly file: ClusterFile;
  readonly order: LabOrder;
  readonly cloud: Pick<Cloud, "region">;
  readonly awsUrl: string;
}

/** What the add-ons of the lab's clusters are made of. */
export function labAddons({ file, order, cloud, awsUrl }: LabAddonsOptions): AddonObjectsOf {
  const isSimulated = order.dataPlane === "simulated";
  return (cluster, unit) => {
    const isOwn = cluster.name === file.name;
    // Only the lab's own cluster has nodes inside the lab's VPC, and an address there.
    const isInside = isOwn && !isSimulated;
    const vpcCni = vpcCniObjects({
      clusterName: cluster.name,
      region: cloud.region,
      vpcId: cluster.vpc.vpcId,
      clusterEndpoint: isInside ? `https://${formatIpv4(INTERNET.kubernetes)}` : unit.gateway.outside.url,
      ec2Endpoint: isSimulated ? awsUrl : `http://${formatIpv4(INTERNET.aws)}`,
      isSimulated,
      extraEnv: isOwn ? extraEnv(file.vpcCni.env) : {},
    });
    // Cluster DNS has a fixed address, which another cluster's range need not have.
    const hasDns = cluster.network.ipFamily === "ipv4" && cidr4Has(cidr4(cluster.network.serviceIpv4Cidr), ipv4(CLUSTER_DNS_ADDRESS));
    const dns = hasDns ? { coredns: corednsObjects(file.clusterDns.replicas) } : {};
    return { "vpc-cni": vpcCni, "kube-proxy": kubeProxyObjects, ...dns };
  };
}
