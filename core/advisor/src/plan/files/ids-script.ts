import type { Plan } from "../plan-types.ts";
import { subnetVariable } from "./plan-file.ts";

/** A script to be sourced: looks up the ids that stand as placeholders in the other files. */
export function idsScript({ name, region, vpc, isolation }: Plan): string {
  const cluster = (query: string): string => `$(aws eks describe-cluster --name ${name} --query ${query} --output text)`;
  return [
    "# Looks up what the other files name as ${…}. Once the network is there:",
    "#   . ids.sh && envsubst < eksctl.yaml | eksctl create cluster -f -",
    "# and once the cluster is there, too:",
    "#   . ids.sh && for file in kubernetes/*.yaml; do envsubst < $file | kubectl apply -f -; done",
    `export AWS_REGION=${region}`,
    `export vpc_id=$(aws ec2 describe-vpcs --filters Name=tag:Name,Values=${name} --query 'Vpcs[0].VpcId' --output text)`,
    ...vpc.subnets.map(
      (subnet) =>
        `export ${subnetVariable(subnet)}=$(aws ec2 describe-subnets --filters Name=tag:Name,Values=${subnet.name} --query 'Subnets[0].SubnetId' --output text)`,
    ),
    `if aws eks describe-cluster --name ${name} > /dev/null 2>&1; then`,
    `  export cluster_security_group=${cluster("cluster.resourcesVpcConfig.clusterSecurityGroupId")}`,
    `  export api_server_endpoint=${cluster("cluster.endpoint")}`,
    `  export certificate_authority=${cluster("cluster.certificateAuthority.data")}`,
    ...(vpc.hasIpv6 ? [`  export service_cidr=${cluster("cluster.kubernetesNetworkConfig.serviceIpv6Cidr")}`] : []),
    "fi",
    ...(isolation === null
      ? []
      : ["# The group that the isolated pods' database or peer trusts:", "export isolated_security_group=${isolated_security_group:-}"]),
    "",
  ].join("\n");
}
