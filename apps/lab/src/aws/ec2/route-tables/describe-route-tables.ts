import { formatCidr4 } from "@slash28/address";
import type {
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  Route as WireRoute,
  RouteTable as WireRouteTable,
} from "@aws-sdk/client-ec2";
import type { Route, RouteTable, RouteTableId, RouteTarget } from "@slash28/vpc";
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
    const { items, ...more } = page(filtered(all, input.Filters, FILTERS), input, rules);
    return { RouteTables: items.map(wireRouteTable), ...more };
  },
);

export function wireRouteTable(table: RouteTable): WireRouteTable {
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: table.ownerId,
    Routes: table.routes.map(wireRoute),
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

function wireRoute({ destination, target }: Route): WireRoute {
  const head: WireRoute = { DestinationCidrBlock: formatCidr4(destination), State: "active", Origin: originOf(target) };
  return target.kind === "eni" ? { ...head, NetworkInterfaceId: target.eniId } : { ...head, GatewayId: gatewayOf(target) };
}

function originOf({ kind }: RouteTarget): "CreateRouteTable" | "CreateRoute" {
  return kind === "local" ? "CreateRouteTable" : "CreateRoute";
}

function gatewayOf(target: RouteTarget): string | undefined {
  if (target.kind === "local") return "local";
  return target.kind === "internet-gateway" ? target.gatewayId : undefined;
}

/** The filters EC2 documents for DescribeRouteTables, of what the model knows. */
const FILTERS: FilterTable<RouteTable> = {
  "association.main": ({ associations }) => associations.map(({ kind }) => kind === "main"),
  "association.route-table-association-id": ({ associations }) => associations.map(({ id }) => id),
  "association.route-table-id": ({ id }) => id,
  "association.subnet-id": ({ associations }) =>
    associations.map((association) => (association.kind === "subnet" ? association.subnetId : undefined)),
  "owner-id": ({ ownerId }) => ownerId,
  "route-table-id": ({ id }) => id,
  "route.destination-cidr-block": ({ routes }) => routes.map(({ destination }) => formatCidr4(destination)),
  "route.gateway-id": ({ routes }) => routes.map(({ target }) => gatewayOf(target)),
  "route.origin": ({ routes }) => routes.map(({ target }) => originOf(target)),
  "route.state": () => "active",
  "vpc-id": ({ vpcId }) => vpcId,
};
