import { isCidr4, isCidr6 } from "@slash28/address";
import type { CloudView, RouteTable, RouteTarget, Vpc } from "@slash28/vpc";
import type { FabricInstance, FabricIpv6Route, FabricNatGateway, FabricRoute, Topology } from "./topology.ts";

/** The tables that the ENIs of these instances follow, the NAT gateways in them, and the tables those follow in turn. */
export function readRouting(
  cloud: CloudView,
  vpc: Vpc,
  instances: readonly FabricInstance[],
): Pick<Topology, "routeTables" | "natGateways"> {
  const used = new Set(instances.flatMap(({ enis }) => enis.map(({ routeTable }) => routeTable)));
  const tables = cloud.routeTables().filter((table) => table.vpcId === vpc.id);
  const own = tables.filter(({ id }) => used.has(id));
  const natGateways = [...new Map(own.flatMap((table) => natGatewaysOf(cloud, table)).map((nat) => [nat.id, nat])).values()];
  const further = new Set(natGateways.map(({ routeTable }) => routeTable));
  const all = tables.filter(({ id }) => used.has(id) || further.has(id));
  return {
    routeTables: all.map((table) => ({ id: table.id, routes: fabricRoutes(cloud, table), ipv6Routes: fabricIpv6Routes(cloud, table) })),
    natGateways,
  };
}

function natGatewaysOf(cloud: CloudView, { routes }: RouteTable): FabricNatGateway[] {
  return routes.flatMap(({ target }) => {
    const nat = target.kind === "nat-gateway" ? cloud.natGateway(target.natGatewayId) : undefined;
    if (nat?.state !== "available") return [];
    const routeTable = cloud.routeTableOf(nat.subnetId)?.id ?? "";
    return [{ id: nat.id, routeTable, ...(nat.publicAddress === undefined ? {} : { publicAddress: nat.publicAddress }) }];
  });
}

function fabricRoutes(cloud: CloudView, { vpcId, routes }: RouteTable): FabricRoute[] {
  return routes.flatMap(({ destination, target }) =>
    isCidr4(destination) ? [{ destination, to: cloud.isTargetThere(vpcId, target) ? whereTo(cloud, target) : "nowhere" }] : [],
  );
}

function fabricIpv6Routes(cloud: CloudView, { vpcId, routes }: RouteTable): FabricIpv6Route[] {
  return routes.flatMap(({ destination, target }) =>
    isCidr6(destination) ? [{ destination, to: cloud.isTargetThere(vpcId, target) ? IPV6_TO[target.kind] : "nowhere" }] : [],
  );
}

/** NAT gateways take no IPv6, and appliances are not carried. */
const IPV6_TO: Readonly<Record<RouteTarget["kind"], FabricIpv6Route["to"]>> = {
  local: "local",
  "internet-gateway": "internet",
  "egress-only-gateway": "egress-only",
  "nat-gateway": "nowhere",
  eni: "nowhere",
};

function whereTo(cloud: CloudView, target: RouteTarget): FabricRoute["to"] {
  switch (target.kind) {
    case "local":
      return "local";
    case "internet-gateway":
      return "internet";
    case "nat-gateway":
      return cloud.natGateway(target.natGatewayId)?.state === "available" ? { nat: target.natGatewayId } : "nowhere";
    // One takes IPv6 only; appliances are not carried.
    case "egress-only-gateway":
    case "eni":
      return "nowhere";
    default:
      return target satisfies never;
  }
}
