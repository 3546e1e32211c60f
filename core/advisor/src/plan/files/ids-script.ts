import type { Plan } from "../plan-types.ts";
import { subnetVariable } from "./plan-file.ts";

/** A script to be sourced by any shell: looks up the ids that stand as placeholders in the other files, in one call for each kind of thing. */
export function idsScript({ name, region, vpc, isolation }: Plan): string {
  const names = vpc.subnets.map((subnet) => subnet.name).join(",");
  const facts = {
    cluster_security_group: "resourcesVpcConfig.clusterSecurityGroupId",
    api_server_endpoint: "endpoint",
    certificate_authority: "certificateAuthority.data",
    ...(vpc.hasIpv6 ? { service_cidr: "kubernetesNetworkConfig.serviceIpv6Cidr" } : {}),
  };
  const query = `cluster.[${Object.values(facts).join(",")}]`;
  return [
    "# Looks up what the other files name as ${…}. Once the network is there:",
    "#   . ids.sh && envsubst < eksctl.yaml | eksctl create cluster -f -",
    "# and once the cluster is there, too:",
    "#   . ids.sh && for file in kubernetes/*.yaml; do envsubst < $file | kubectl apply -f -; done",
    `export AWS_REGION=${region}`,
    `export vpc_id=$(aws ec2 describe-vpcs --filters Name=tag:Name,Values=${name} --query 'Vpcs[0].VpcId' --output text)`,
    "while read -r planned_subnet planned_id; do",
    "  case $planned_subnet in",
    ...vpc.subnets.map((subnet) => `    ${subnet.name}) export ${subnetVariable(subnet)}=$planned_id ;;`),
    "  esac",
    "done <<END",
    `$(aws ec2 describe-subnets --filters Name=tag:Name,Values=${names} --query 'Subnets[].[Tags[?Key==\`Name\`]|[0].Value,SubnetId]' --output text)`,
    "END",
    `if cluster=$(aws eks describe-cluster --name ${name} --query '${query}' --output text 2> /dev/null); then`,
    `  read -r ${Object.keys(facts).join(" ")} <<END`,
    "$cluster",
    "END",
    `  export ${Object.keys(facts).join(" ")}`,
    "fi",
    ...(isolation === null
      ? []
      : ["# The group that the isolated pods' database or peer trusts:", "export isolated_security_group=${isolated_security_group:-}"]),
    "",
  ].join("\n");
}
