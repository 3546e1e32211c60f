import { cidr4, cidr4Contains } from "@slash28/address";
import type { Plan, PlannedSubnet } from "../plan-types.ts";
import { expression, hclText, type HclBlock } from "./hcl.ts";
import { subnetVariable } from "./plan-file.ts";
import { ways } from "./terraform-ways.ts";

/** VPC, ranges, subnets, reservations, gateways and routes, for Terraform's AWS provider. */
export function terraformNetwork(plan: Plan): string {
  return hclText([
    ...settings(plan),
    ...vpc(plan),
    ...plan.vpc.subnets.flatMap((subnet, at) => subnetBlocks(plan, subnet, at)),
    ...ways(plan),
  ]);
}

function settings({ region }: Plan): readonly HclBlock[] {
  return [
    {
      block: ["terraform"],
      attributes: {},
      blocks: [{ block: ["required_providers"], attributes: { aws: { source: "hashicorp/aws", version: ">= 5.0" } } }],
    },
    { block: ["provider", "aws"], attributes: { region } },
  ];
}

function vpc({ name, vpc: { cidrs, hasIpv6 } }: Plan): readonly HclBlock[] {
  const [primary = "", ...further] = cidrs;
  return [
    {
      block: ["resource", "aws_vpc", "this"],
      attributes: {
        cidr_block: primary,
        enable_dns_support: true,
        enable_dns_hostnames: true,
        ...(hasIpv6 ? { assign_generated_ipv6_cidr_block: true } : {}),
        tags: { Name: name },
      },
    },
    ...further.map((cidr, at): HclBlock => ({
      block: ["resource", "aws_vpc_ipv4_cidr_block_association", `further_${at + 1}`],
      attributes: { vpc_id: expression("aws_vpc.this.id"), cidr_block: cidr },
    })),
  ];
}

function subnetBlocks({ vpc: { hasIpv6, cidrs, internet } }: Plan, subnet: PlannedSubnet, at: number): readonly HclBlock[] {
  const name = subnetVariable(subnet);
  const further = cidrs.findIndex((cidr) => cidr4Contains(cidr4(cidr), cidr4(subnet.cidr)));
  return [
    {
      block: ["resource", "aws_subnet", name],
      attributes: {
        vpc_id: expression("aws_vpc.this.id"),
        availability_zone: subnet.zone,
        cidr_block: subnet.cidr,
        ...(hasIpv6
          ? { ipv6_cidr_block: expression(`cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, ${at})`), assign_ipv6_address_on_creation: true }
          : {}),
        ...(subnet.role === "public" || (subnet.role === "nodes" && internet === "public") ? { map_public_ip_on_launch: true } : {}),
        tags: { Name: subnet.name, ...subnet.tags },
        // A subnet of a further range can be made only when the VPC has the range.
        ...(further < 1 ? {} : { depends_on: [expression(`aws_vpc_ipv4_cidr_block_association.further_${further}`)] }),
      },
    },
    ...subnet.reservations.map((cidr, index): HclBlock => ({
      block: ["resource", "aws_ec2_subnet_cidr_reservation", `${name}_${index + 1}`],
      attributes: {
        subnet_id: expression(`aws_subnet.${name}.id`),
        cidr_block: cidr,
        reservation_type: "prefix",
        description: "prefixes for pods",
      },
    })),
  ];
}
