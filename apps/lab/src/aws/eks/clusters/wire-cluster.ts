import type { Cluster } from "@aws-sdk/client-eks";
import { kubernetesVersion, LOG_TYPES, type ClusterRecord, type EksPlace } from "@slash28/eks";

/** Where the tokens of a cluster's service accounts come from: its OIDC issuer. */
export function issuerUrl({ region }: Pick<EksPlace, "region">, issuerId: string): string {
  return `https://oidc.eks.${region}.amazonaws.com/id/${issuerId}`;
}

/** A cluster as EKS shows it. */
export function wireCluster(cluster: ClusterRecord, place: EksPlace): Cluster {
  const { connection, network, vpc } = cluster;
  return {
    name: cluster.name,
    arn: cluster.arn,
    createdAt: new Date(cluster.createdAt),
    version: cluster.version,
    ...(connection === undefined ? {} : { endpoint: connection.endpoint }),
    roleArn: cluster.roleArn,
    resourcesVpcConfig: {
      subnetIds: [...vpc.subnetIds],
      securityGroupIds: [...vpc.securityGroupIds],
      ...(cluster.clusterSecurityGroupId === undefined ? {} : { clusterSecurityGroupId: cluster.clusterSecurityGroupId }),
      vpcId: vpc.vpcId,
      endpointPublicAccess: vpc.endpointPublicAccess,
      endpointPrivateAccess: vpc.endpointPrivateAccess,
      publicAccessCidrs: [...vpc.publicAccessCidrs],
    },
    kubernetesNetworkConfig: { ...network, elasticLoadBalancing: { enabled: false } },
    logging: { clusterLogging: logging(cluster.logTypes) },
    identity: { oidc: { issuer: issuerUrl(place, cluster.issuerId) } },
    status: cluster.status,
    certificateAuthority: connection === undefined ? {} : { data: Buffer.from(connection.caPem).toString("base64") },
    platformVersion: kubernetesVersion(cluster.version)?.platformVersion ?? "",
    tags: { ...cluster.tags },
    health: {
      issues: cluster.health.map((issue) => ({ code: "InternalFailure", message: issue.message, resourceIds: [...issue.resourceIds] })),
    },
    accessConfig: {
      authenticationMode: cluster.authenticationMode,
      bootstrapClusterCreatorAdminPermissions: cluster.isCreatorAdmin,
    },
    upgradePolicy: { supportType: cluster.supportType },
    zonalShiftConfig: { enabled: false },
    deletionProtection: cluster.hasDeletionProtection,
  };
}

function logging(on: readonly string[]): NonNullable<Cluster["logging"]>["clusterLogging"] {
  const off = LOG_TYPES.filter((type) => !on.includes(type));
  const setups = [
    { types: [...on], enabled: true },
    { types: off, enabled: false },
  ];
  return setups.filter(({ types }) => types.length > 0) as NonNullable<Cluster["logging"]>["clusterLogging"];
}
