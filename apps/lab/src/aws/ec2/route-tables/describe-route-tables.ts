import { formatCidrRange, isCidr4, isCidr6, type CidrRange, type VpcId } from "@slash28/address";
import type {
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  Route as WireRoute,
  RouteTable as WireRouteTable,
} from "@aws-sdk/client-ec2";
import type { Cloud, Route, RouteTable, RouteTableId, RouteTarget } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";
import { tagSet } from "../../query/tag-specifications.ts";

export const describeRouteTables = read<DescribeRouteTablesRequest, DescribeRouteTablesResult>(
  "DescribeRouteTables",
  (input, { cloud, call }) => {
    const all = answer(cloud.describeRouteTables(namedIds<RouteTableId>(input.RouteTableIds), call));
    const rules = { action: "DescribeRouteTables", key: ({ id }: RouteTable) => id, resultsMax: 100 };
    const { items, ...more } = page(filtered(all, input.Filters, filters(cloud)), input, rules);
    return { RouteTables: items.map((table) => wireRouteTable(cloud, table)), ...more };
  },
);

export function wireRouteTable(cloud: Cloud, table: RouteTable): WireRouteTable {
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: table.ownerId,
    Routes: table.routes.map((route) => wireRoute(cloud, table, route)),
    Associations: table.associations.map((association) => ({
      RouteTableAssociationId: association.id,
      RouteTableId: table.id,
      Main: association.kind === "main",
      SubnetId: association.kind === "subnet" ? association.subnetId : undefined,
      AssociationState: { State: "associated" },
    })),
    PropagatingVgws: [],
    Tags: tagSet(table.tags),
  };
}

function wireRoute(cloud: Cloud, { vpcId }: RouteTable, { destination, target }: Route): WireRoute {
  const where = formatCidrRange(destination);
  return {
    ...(isCidr6(destination) ? { DestinationIpv6CidrBlock: where } : { DestinationCidrBlock: where }),
    State: stateOf(cloud, vpcId, target),
    Origin: originOf(target),
    GatewayId: gatewayOf(target),
    ...wireTarget(cloud, target),
  };
}

function wireTarget(cloud: Cloud, target: RouteTarget): WireRoute {
  switch (target.kind) {
    case "local":
    case "internet-gateway":
      return {};
    case "nat-gateway":
      return { NatGatewayId: target.natGatewayId };
    case "egress-only-gateway":
      return { EgressOnlyInternetGatewayId: target.gatewayId };
    case "eni": {
      const instanceId = cloud.view.eni(target.eniId)?.attachment?.instanceId;
      return {
        NetworkInterfaceId: target.eniId,
        ...(instanceId === undefined ? {} : { InstanceId: instanceId, InstanceOwnerId: cloud.accountId }),
      };
    }
    default:
      return target satisfies never;
  }
}

function stateOf(cloud: Cloud, vpcId: VpcId, target: RouteTarget): "active" | "blackhole" {
  return cloud.view.isTargetThere(vpcId, target) ? "active" : "blackhole";
}

function originOf({ kind }: RouteTarget): "CreateRouteTable" | "CreateRoute" {
  return kind === "local" ? "CreateRouteTable" : "CreateRoute";
}

function gatewayOf(target: RouteTarget): string | undefined {
  if (target.kind === "local") return "local";
  return target.kind === "internet-gateway" ? target.gatewayId : undefined;
}

/** The filters EC2 documents for DescribeRouteTables; those on targets that the model does not have match nothing. */
function filters(cloud: Cloud): FilterTable<RouteTable> {
  const each =
    (of: (target: RouteTarget, table: RouteTable) => string | undefined) =>
    (table: RouteTable): ReadonlyArray<string | undefined> =>
      table.routes.map(({ target }) => of(target, table));
  const destinations =
    (fits: (range: CidrRange) => boolean) =>
    ({ routes }: RouteTable): readonly string[] =>
      routes
        .map(({ destination }) => destination)
        .filter(fits)
        .map(formatCidrRange);
  const none = (): readonly string[] => [];
  return {
    "association.gateway-id": none,
    "association.main": ({ associations }) => associations.map(({ kind }) => kind === "main"),
    "association.route-table-association-id": ({ associations }) => associations.map(({ id }) => id),
    "association.route-table-id": ({ id, associations }) => (associations.length === 0 ? undefined : id),
    "association.subnet-id": ({ associations }) =>
      associations.map((association) => (association.kind === "subnet" ? association.subnetId : undefined)),
    "owner-id": ({ ownerId }) => ownerId,
    "route-table-id": ({ id }) => id,
    "route.destination-cidr-block": destinations(isCidr4),
    "route.destination-ipv6-cidr-block": destinations(isCidr6),
    "route.destination-prefix-list-id": none,
    "route.egress-only-internet-gateway-id": each((target) => (target.kind === "egress-only-gateway" ? target.gatewayId : undefined)),
    "route.gateway-id": each(gatewayOf),
    "route.instance-id": each((target) => (target.kind === "eni" ? cloud.view.eni(target.eniId)?.attachment?.instanceId : undefined)),
    "route.nat-gateway-id": each((target) => (target.kind === "nat-gateway" ? target.natGatewayId : undefined)),
    "route.origin": each(originOf),
    "route.state": each((target, { vpcId }) => stateOf(cloud, vpcId, target)),
    "route.transit-gateway-id": none,
    "route.vpc-peering-connection-id": none,
    "vpc-id": ({ vpcId }) => vpcId,
  };
}
