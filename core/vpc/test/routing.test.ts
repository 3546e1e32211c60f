import { asId, cidr4, formatCidrRange } from "@slash28/address";
import { describe, expect, test } from "vitest";
import type { RouteTarget } from "../src/index.ts";
import { aSubnet, at, launch, must, refused } from "./a-cloud.ts";

const everywhere = cidr4("0.0.0.0/0");

function withGateway() {
  const world = aSubnet();
  const gateway = must(world.cloud.createInternetGateway({ tags: { Name: "out" } }, at));
  must(world.cloud.attachInternetGateway({ gatewayId: gateway.id, vpcId: world.vpc.id }, at));
  const table = must(world.cloud.createRouteTable({ vpcId: world.vpc.id }, at));
  const target: RouteTarget = { kind: "internet-gateway", gatewayId: gateway.id };
  return { ...world, gateway, table, target };
}

test("a subnet follows the VPC's main table until it has one of its own", () => {
  const { cloud, vpc, subnet, table } = withGateway();
  expect(cloud.view.routeTableOf(subnet.id)?.id).toBe(vpc.mainRouteTableId);
  const association = must(cloud.associateRouteTable({ routeTableId: table.id, subnetId: subnet.id }, at));
  expect(cloud.view.routeTableOf(subnet.id)?.id).toBe(table.id);
  expect(refused(cloud.associateRouteTable({ routeTableId: table.id, subnetId: subnet.id }, at)).code).toBe("Resource.AlreadyAssociated");
  expect(refused(cloud.deleteRouteTable({ routeTableId: table.id }, at)).code).toBe("DependencyViolation");
  must(cloud.disassociateRouteTable({ associationId: association.id }, at));
  must(cloud.deleteRouteTable({ routeTableId: table.id }, at));
  expect(cloud.view.routeTableOf(subnet.id)?.id).toBe(vpc.mainRouteTableId);
});

test("the main association stays", () => {
  const { cloud, vpc } = withGateway();
  const [main] = must(cloud.describeRouteTables({ ids: [vpc.mainRouteTableId] }, at))[0]!.associations;
  expect(refused(cloud.disassociateRouteTable({ associationId: main!.id }, at)).code).toBe("InvalidParameterValue");
});

describe("a route", () => {
  test("is created, replaced and deleted by its destination", () => {
    const { cloud, subnet, table, target } = withGateway();
    const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
    const route = { routeTableId: table.id, destination: everywhere };
    expect(must(cloud.createRoute({ ...route, target }, at)).routes.map(({ destination }) => formatCidrRange(destination))).toEqual([
      "10.0.0.0/16",
      "0.0.0.0/0",
    ]);
    expect(refused(cloud.createRoute({ ...route, target }, at)).code).toBe("RouteAlreadyExists");
    const toEni: RouteTarget = { kind: "eni", eniId: eni.id };
    expect(must(cloud.replaceRoute({ ...route, target: toEni }, at)).routes[1]).toEqual({ destination: everywhere, target: toEni });
    must(cloud.deleteRoute(route, at));
    expect(refused(cloud.deleteRoute(route, at)).code).toBe("InvalidRoute.NotFound");
    expect(refused(cloud.replaceRoute({ ...route, target }, at)).code).toBe("InvalidRoute.NotFound");
  });

  test("to the VPC's own block is not deleted, nor led through a gateway", () => {
    const { cloud, table, target } = withGateway();
    const local = { routeTableId: table.id, destination: cidr4("10.0.0.0/16") };
    expect(refused(cloud.deleteRoute(local, at)).code).toBe("InvalidParameterValue");
    expect(refused(cloud.createRoute({ ...local, destination: cidr4("10.0.7.0/24"), target }, at)).code).toBe("InvalidParameterValue");
  });

  test("needs a target of the same VPC", () => {
    const { cloud, table } = withGateway();
    const loose = must(cloud.createInternetGateway({}, at));
    const to = (target: RouteTarget) => refused(cloud.createRoute({ routeTableId: table.id, destination: everywhere, target }, at)).code;
    expect(to({ kind: "internet-gateway", gatewayId: loose.id })).toBe("InvalidParameterValue");
    expect(to({ kind: "internet-gateway", gatewayId: asId("igw-0") })).toBe("InvalidInternetGatewayID.NotFound");
    expect(to({ kind: "eni", eniId: asId("eni-00000000") })).toBe("InvalidNetworkInterfaceID.NotFound");
  });
});

test("an internet gateway serves one VPC and leaves after the last public address", () => {
  const { cloud, vpc, subnet, gateway } = withGateway();
  const pair = { gatewayId: gateway.id, vpcId: vpc.id };
  expect(cloud.view.internetGatewayOf(vpc.id)?.id).toBe(gateway.id);
  expect(refused(cloud.attachInternetGateway(pair, at)).code).toBe("Resource.AlreadyAssociated");
  expect(refused(cloud.deleteInternetGateway({ gatewayId: gateway.id }, at)).code).toBe("DependencyViolation");
  must(cloud.modifySubnet({ subnetId: subnet.id, hasPublicAddressOnLaunch: true }, at));
  const instance = launch(cloud, subnet.id);
  expect(refused(cloud.detachInternetGateway(pair, at)).code).toBe("DependencyViolation");
  must(cloud.terminateInstances({ instanceIds: [instance.id] }, at));
  must(cloud.detachInternetGateway(pair, at));
  expect(refused(cloud.detachInternetGateway(pair, at)).code).toBe("Gateway.NotAttached");
  must(cloud.deleteInternetGateway({ gatewayId: gateway.id }, at));
});
