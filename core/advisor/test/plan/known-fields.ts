/** Arguments of resources, as the documentation of Terraform's AWS provider has them; blocks by `block.argument`. */
const OF_RESOURCES: Readonly<Record<string, string>> = {
  aws_vpc: "cidr_block enable_dns_support enable_dns_hostnames assign_generated_ipv6_cidr_block tags",
  aws_vpc_ipv4_cidr_block_association: "vpc_id cidr_block",
  aws_subnet: "vpc_id availability_zone cidr_block ipv6_cidr_block assign_ipv6_address_on_creation map_public_ip_on_launch tags depends_on",
  aws_ec2_subnet_cidr_reservation: "subnet_id cidr_block reservation_type description",
  aws_internet_gateway: "vpc_id tags",
  aws_egress_only_internet_gateway: "vpc_id",
  aws_route_table: "vpc_id tags route.cidr_block route.ipv6_cidr_block route.gateway_id route.nat_gateway_id route.egress_only_gateway_id",
  aws_route_table_association: "subnet_id route_table_id",
  aws_eip: "domain tags",
  aws_nat_gateway: "allocation_id subnet_id tags depends_on",
  aws_security_group: "name description vpc_id ingress.protocol ingress.from_port ingress.to_port ingress.cidr_blocks",
  aws_vpc_endpoint: "vpc_id service_name vpc_endpoint_type route_table_ids private_dns_enabled subnet_ids security_group_ids",
  aws_eks_cluster:
    "name role_arn version vpc_config.subnet_ids vpc_config.endpoint_private_access vpc_config.endpoint_public_access kubernetes_network_config.ip_family kubernetes_network_config.service_ipv4_cidr",
  aws_eks_addon: "cluster_name addon_name resolve_conflicts_on_create resolve_conflicts_on_update configuration_values",
  aws_launch_template:
    "name image_id instance_type user_data metadata_options.http_endpoint metadata_options.http_tokens metadata_options.http_put_response_hop_limit",
  aws_eks_node_group:
    "cluster_name node_group_name node_role_arn subnet_ids depends_on launch_template.id launch_template.version scaling_config.desired_size scaling_config.min_size scaling_config.max_size update_config.max_unavailable",
};

export const TERRAFORM_ARGUMENTS: ReadonlySet<string> = new Set(
  Object.entries(OF_RESOURCES).flatMap(([type, names]) => names.split(" ").map((name) => `${type}.${name}`)),
);

/** Fields of eksctl's ClusterConfig (v1alpha5), of those that a plan may use; `[]` for each of a list, `*` for any name. */
export const EKSCTL_FIELDS: ReadonlySet<string> = new Set([
  "apiVersion",
  "kind",
  "metadata.name",
  "metadata.region",
  "kubernetesNetworkConfig.ipFamily",
  "kubernetesNetworkConfig.serviceIPv4CIDR",
  "iam.withOIDC",
  "vpc.id",
  "vpc.subnets.private.*.id",
  "vpc.subnets.public.*.id",
  "vpc.controlPlaneSubnetIDs[]",
  "vpc.clusterEndpoints.publicAccess",
  "vpc.clusterEndpoints.privateAccess",
  "privateCluster.enabled",
  "privateCluster.skipEndpointCreation",
  "addonsConfig.disableDefaultAddons",
  "addons[].name",
  "addons[].resolveConflicts",
  "addons[].configurationValues",
  ...["name", "instanceType", "desiredCapacity", "minSize", "maxSize", "maxPodsPerNode", "privateNetworking", "subnets[]"].map(
    (field) => `managedNodeGroups[].${field}`,
  ),
  "managedNodeGroups[].updateConfig.maxUnavailable",
]);

/** Every field of a document that has a plain value, each once. Names of zones are any name. */
export function fieldsIn(document: unknown, path = ""): readonly string[] {
  if (Array.isArray(document)) return [...new Set(document.flatMap((item) => fieldsIn(item, `${path}[]`)))];
  if (typeof document !== "object" || document === null) return [path];
  return [
    ...new Set(
      Object.entries(document).flatMap(([key, value]) => {
        const name = /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/.test(key) ? "*" : key;
        return fieldsIn(value, path === "" ? name : `${path}.${name}`);
      }),
    ),
  ];
}
