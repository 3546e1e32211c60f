import { INTERFACE_ENDPOINTS } from "../interface-endpoints.ts";
import type { Plan, PlannedSubnet } from "../plan-types.ts";
import { expression, type HclBlock, type HclExpression, type HclValue } from "./hcl.ts";
import { subnetVariable } from "./plan-file.ts";

const VPC = expression("aws_vpc.this.id");
const ANYWHERE = { cidr_block: "0.0.0.0/0" };
const ANYWHERE6 = { ipv6_cidr_block: "::/0" };

/** How packets leave: gateways, route tables, and which subnet has which. */
export function ways(plan: Plan): readonly HclBlock[] {
  switch (plan.vpc.internet) {
    case "nat":
      return [...openWay(plan), ...natWays(plan), ...associations(plan, tableBehindNat)];
    case "public":
      return [...openWay(plan), ...associations(plan, () => "public")];
    case "none":
      return [routeTable("closed", plan.name, []), ...endpoints(plan), ...associations(plan, () => "closed")];
    default:
      return plan.vpc.internet satisfies never;
  }
}

/** Public subnets leave through the internet gateway, the others through their zone's NAT gateway. */
function tableBehindNat({ role, zone }: PlannedSubnet): string {
  return role === "public" ? "public" : `private_${idOf(zone)}`;
}

function openWay({ name, vpc: { hasIpv6 } }: Plan): readonly HclBlock[] {
  const gateway = expression("aws_internet_gateway.this.id");
  return [
    { block: ["resource", "aws_internet_gateway", "this"], attributes: { vpc_id: VPC, tags: { Name: name } } },
    routeTable("public", name, [
      route({ ...ANYWHERE, gateway_id: gateway }),
      ...(hasIpv6 ? [route({ ...ANYWHERE6, gateway_id: gateway })] : []),
    ]),
  ];
}

function natWays({ name, zones, vpc: { hasIpv6 } }: Plan): readonly HclBlock[] {
  const egressOnly: HclBlock = { block: ["resource", "aws_egress_only_internet_gateway", "this"], attributes: { vpc_id: VPC } };
  const out6 = route({ ...ANYWHERE6, egress_only_gateway_id: expression("aws_egress_only_internet_gateway.this.id") });
  return [
    ...(hasIpv6 ? [egressOnly] : []),
    ...zones.flatMap((zone): HclBlock[] => {
      const at = idOf(zone);
      const out = route({ ...ANYWHERE, nat_gateway_id: expression(`aws_nat_gateway.${at}.id`) });
      return [
        { block: ["resource", "aws_eip", `nat_${at}`], attributes: { domain: "vpc", tags: { Name: `${name}-nat-${zone}` } } },
        {
          block: ["resource", "aws_nat_gateway", at],
          attributes: {
            allocation_id: expression(`aws_eip.nat_${at}.id`),
            subnet_id: subnetId({ role: "public", zone }),
            tags: { Name: `${name}-${zone}` },
            // AWS wants the way out to be there first.
            depends_on: [expression("aws_internet_gateway.this")],
          },
        },
        routeTable(`private_${at}`, name, [out, ...(hasIpv6 ? [out6] : [])]),
      ];
    }),
  ];
}

/** What a VPC without a way to the internet reaches of AWS: S3 through a gateway, the rest through an address in each zone. */
function endpoints({ region, name, zones, vpc: { cidrs } }: Plan): readonly HclBlock[] {
  const inVpc: HclBlock = {
    block: ["ingress"],
    attributes: { protocol: "tcp", from_port: 443, to_port: 443, cidr_blocks: cidrs },
  };
  const service = (text: string): string => `com.amazonaws.${region}.${text}`;
  return [
    {
      block: ["resource", "aws_security_group", "endpoints"],
      attributes: { name: `${name}-endpoints`, description: "HTTPS from the VPC", vpc_id: VPC },
      blocks: [inVpc],
    },
    {
      block: ["resource", "aws_vpc_endpoint", "s3"],
      attributes: {
        vpc_id: VPC,
        service_name: service("s3"),
        vpc_endpoint_type: "Gateway",
        route_table_ids: [expression("aws_route_table.closed.id")],
      },
    },
    ...INTERFACE_ENDPOINTS.map((text): HclBlock => ({
      block: ["resource", "aws_vpc_endpoint", text.replaceAll(/[.-]/g, "_")],
      attributes: {
        vpc_id: VPC,
        service_name: service(text),
        vpc_endpoint_type: "Interface",
        private_dns_enabled: true,
        subnet_ids: zones.map((zone) => subnetId({ role: "nodes", zone })),
        security_group_ids: [expression("aws_security_group.endpoints.id")],
      },
    })),
  ];
}

function associations({ vpc: { subnets } }: Plan, tableOf: (subnet: PlannedSubnet) => string): readonly HclBlock[] {
  return subnets.map((subnet): HclBlock => ({
    block: ["resource", "aws_route_table_association", subnetVariable(subnet)],
    attributes: { subnet_id: subnetId(subnet), route_table_id: expression(`aws_route_table.${tableOf(subnet)}.id`) },
  }));
}

function routeTable(id: string, name: string, routes: readonly HclBlock[]): HclBlock {
  return {
    block: ["resource", "aws_route_table", id],
    attributes: { vpc_id: VPC, tags: { Name: `${name}-${id.replaceAll("_", "-")}` } },
    blocks: routes,
  };
}

function route(attributes: Readonly<Record<string, HclValue>>): HclBlock {
  return { block: ["route"], attributes };
}

function subnetId(subnet: Pick<PlannedSubnet, "role" | "zone">): HclExpression {
  return expression(`aws_subnet.${subnetVariable(subnet)}.id`);
}

function idOf(zone: string): string {
  return zone.replaceAll("-", "_");
}
