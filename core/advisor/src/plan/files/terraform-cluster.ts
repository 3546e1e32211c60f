import type { Plan, PlannedNodeGroup, SubnetRole } from "../plan-types.ts";
import { expression, hclText, valueText, type HclBlock, type HclExpression, type HclValue } from "./hcl.ts";
import { placeholder, subnetVariable } from "./plan-file.ts";
import { userDataPath } from "./user-data.ts";

/** Cluster, VPC CNI with its settings and ENIConfigs, launch templates and node groups, for Terraform's AWS provider. */
export function terraformCluster(plan: Plan): string {
  return hclText([...variables(), cluster(plan), addon(plan), ...plan.nodeGroups.flatMap((group) => nodeGroup(plan, group))]);
}

function variables(): readonly HclBlock[] {
  const variable = (name: string, description: string): HclBlock => ({
    block: ["variable", name],
    attributes: { type: expression("string"), description },
  });
  return [
    variable("cluster_role_arn", "The role that EKS takes for the cluster."),
    variable("node_role_arn", "The role of the nodes."),
    variable("kubernetes_version", "Such as 1.33."),
    variable(
      "node_image_id",
      "An EKS image of the nodes' architecture, such as SSM's /aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id.",
    ),
    {
      block: ["variable", "node_os"],
      attributes: { type: expression("string"), description: "What the image is: al2, al2023 or bottlerocket.", default: "al2023" },
    },
  ];
}

function subnetIds(plan: Plan, role: SubnetRole): readonly HclExpression[] {
  return plan.vpc.subnets.filter((subnet) => subnet.role === role).map((subnet) => expression(`aws_subnet.${subnetVariable(subnet)}.id`));
}

function cluster(plan: Plan): HclBlock {
  const { hasIpv6, serviceCidr, internet } = plan.vpc;
  return {
    block: ["resource", "aws_eks_cluster", "this"],
    attributes: { name: plan.name, role_arn: expression("var.cluster_role_arn"), version: expression("var.kubernetes_version") },
    blocks: [
      {
        block: ["vpc_config"],
        attributes: {
          subnet_ids: subnetIds(plan, "cluster"),
          endpoint_private_access: true,
          ...(internet === "none" ? { endpoint_public_access: false } : {}),
        },
      },
      {
        block: ["kubernetes_network_config"],
        attributes: hasIpv6 ? { ip_family: "ipv6" } : { ip_family: "ipv4", service_ipv4_cidr: serviceCidr },
      },
    ],
  };
}

function addon(plan: Plan): HclBlock {
  const eniConfig: Record<string, HclValue> = {};
  if (plan.eniConfigs.length > 0) {
    const subnets = plan.eniConfigs.map(({ zone }): [string, HclValue] => [
      zone,
      {
        id: expression(`aws_subnet.${subnetVariable({ role: "pods", zone })}.id`),
        securityGroups: [expression("aws_eks_cluster.this.vpc_config[0].cluster_security_group_id")],
      },
    ]);
    eniConfig["eniConfig"] = { create: true, region: plan.region, subnets: Object.fromEntries(subnets) };
  }
  return {
    block: ["resource", "aws_eks_addon", "vpc_cni"],
    attributes: {
      cluster_name: expression("aws_eks_cluster.this.name"),
      addon_name: "vpc-cni",
      resolve_conflicts_on_create: "OVERWRITE",
      resolve_conflicts_on_update: "OVERWRITE",
      configuration_values: expression(`jsonencode(${valueText({ env: plan.env, ...eniConfig }, "  ")})`),
    },
  };
}

function nodeGroup(plan: Plan, group: PlannedNodeGroup): readonly HclBlock[] {
  const name = group.name.replaceAll("-", "_");
  const path = userDataPath(group, placeholder("var.node_os"));
  const services = plan.vpc.hasIpv6 ? ", service_cidr = aws_eks_cluster.this.kubernetes_network_config[0].service_ipv6_cidr" : "";
  const most = Math.max(group.nodesPlanned, group.nodesToday);
  return [
    {
      block: ["resource", "aws_launch_template", name],
      attributes: {
        name: `${plan.name}-${group.name}`,
        image_id: expression("var.node_image_id"),
        instance_type: group.instanceType,
        user_data: expression(
          `base64encode(templatefile("\${path.module}/../${path}", { api_server_endpoint = aws_eks_cluster.this.endpoint, certificate_authority = aws_eks_cluster.this.certificate_authority[0].data${services} }))`,
        ),
      },
      blocks: [
        { block: ["metadata_options"], attributes: { http_endpoint: "enabled", http_tokens: "required", http_put_response_hop_limit: 2 } },
      ],
    },
    {
      block: ["resource", "aws_eks_node_group", name],
      attributes: {
        cluster_name: expression("aws_eks_cluster.this.name"),
        node_group_name: group.name,
        node_role_arn: expression("var.node_role_arn"),
        subnet_ids: subnetIds(plan, "nodes"),
        // Nodes that come before the settings would hold addresses of the wrong subnets.
        depends_on: [expression("aws_eks_addon.vpc_cni")],
      },
      blocks: [
        {
          block: ["launch_template"],
          attributes: {
            id: expression(`aws_launch_template.${name}.id`),
            version: expression(`aws_launch_template.${name}.latest_version`),
          },
        },
        {
          block: ["scaling_config"],
          attributes: { desired_size: group.nodesToday, min_size: 0, max_size: most + plan.size.planned.surgeNodes },
        },
        { block: ["update_config"], attributes: { max_unavailable: surgeOf(plan) } },
      ],
    },
  ];
}

/** What an upgrade launches in one group before old nodes go; EKS takes 100 at most. */
export function surgeOf({ size, nodeGroups }: Plan): number {
  return Math.min(100, Math.max(1, Math.ceil(size.today.surgeNodes / nodeGroups.length)));
}
