import { cidr4, cidr6, type SubnetId } from "@slash28/address";
import type { Cloud, NatGatewayId, RouteTarget, Vpc } from "@slash28/vpc";
import { must } from "./must.ts";

export interface PlacedSubnet {
  readonly id: SubnetId;
  readonly zone: string;
  readonly kind: "public" | "private";
}

export interface PrivateNetwork {
  readonly vpc: Vpc;
  readonly subnets: readonly PlacedSubnet[];
  /** The cluster's. */
  readonly name: string;
}

/**
 * Gives every zone that has private subnets a NAT gateway and a route table of its own, as one makes them by hand. The gateway stands in a
 * public subnet of the zone, or in the first public one of all. IPv6 leaves through one egress-only gateway.
 */
export function provisionPrivateRoutes(cloud: Cloud, { vpc, subnets, name }: PrivateNetwork, now: number): void {
  const call = { now };
  const open = subnets.filter(({ kind }) => kind === "public");
  const zones = new Set(subnets.filter(({ kind }) => kind === "private").map(({ zone }) => zone));
  const egressOnly =
    zones.size === 0 || vpc.ipv6Cidrs.length === 0
      ? undefined
      : must("CreateEgressOnlyInternetGateway", cloud.createEgressOnlyGateway({ vpcId: vpc.id, tags: named(`${name}-eigw`) }, call));
  for (const zone of zones) {
    const place = open.find((subnet) => subnet.zone === zone) ?? open[0];
    if (place === undefined) throw new Error(`the private subnets of ${zone} have no public subnet for a NAT gateway`);
    const natGatewayId = natGateway(cloud, place.id, `${name}-nat-${zone}`, now);
    const tags = named(`${name}-private-${zone}`);
    const { id: routeTableId } = must("CreateRouteTable", cloud.createRouteTable({ vpcId: vpc.id, tags }, call));
    const toNat: RouteTarget = { kind: "nat-gateway", natGatewayId };
    must("CreateRoute", cloud.createRoute({ routeTableId, destination: cidr4("0.0.0.0/0"), target: toNat }, call));
    if (egressOnly !== undefined) {
      const toEgressOnly: RouteTarget = { kind: "egress-only-gateway", gatewayId: egressOnly.id };
      must("CreateRoute", cloud.createRoute({ routeTableId, destination: cidr6("::/0"), target: toEgressOnly }, call));
    }
    for (const subnet of subnets.filter((each) => each.kind === "private" && each.zone === zone)) {
      must("AssociateRouteTable", cloud.associateRouteTable({ routeTableId, subnetId: subnet.id }, call));
    }
  }
}

/** The gateway works at once: the lab does not wait for its own making. */
function natGateway(cloud: Cloud, subnetId: SubnetId, name: string, now: number): NatGatewayId {
  const call = { now };
  const { id: addressId } = must("AllocateAddress", cloud.allocateAddress({ tags: named(name) }, call));
  const { id } = must("CreateNatGateway", cloud.createNatGateway({ subnetId, addressId, tags: named(name) }, call));
  must("CreateNatGateway", cloud.settleNatGateway({ natGatewayId: id }, call));
  return id;
}

function named(name: string): Record<string, string> {
  return { Name: name };
}
