import { formatIpv4 } from "@slash28/address";
import type { ClusterFile } from "@slash28/cluster-file";
import { ownServiceAddresses, serviceRangeOf } from "@slash28/eks";
import type { Cloud } from "@slash28/vpc";
import { INTERNET } from "../../fabric/index.ts";
import type { LabOrder } from "../lab-order.ts";
import { corednsObjects, kubeProxyObjects, podIdentityAgentObjects, vpcCniObjects } from "./addon-objects.ts";
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
  const awsEndpoint = isSimulated ? awsUrl : `http://${formatIpv4(INTERNET.aws)}`;
  return (cluster, unit) => {
    const isOwn = cluster.name === file.name;
    const vpcCni = vpcCniObjects({
      clusterName: cluster.name,
      region: cloud.region,
      vpcId: cluster.vpc.vpcId,
      clusterEndpoint: unit.endpoint,
      ec2Endpoint: awsEndpoint,
      isSimulated,
      extraEnv: isOwn ? extraEnv(file.vpcCni.env) : {},
    });
    const coredns = corednsObjects({
      replicas: file.clusterDns.replicas,
      address: ownServiceAddresses(serviceRangeOf(cluster.network)).dns,
    });
    const agent = podIdentityAgentObjects({ clusterName: cluster.name, region: cloud.region, eksAuthEndpoint: awsEndpoint });
    return { "vpc-cni": vpcCni, "kube-proxy": kubeProxyObjects, coredns, "eks-pod-identity-agent": agent };
  };
}
