import { cidr4, cidr6, formatIpv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import type { Cloud, CloudOptions, Subnet, Vpc } from "../src/index.ts";
import { aSubnet, at, launch, must, primaryEni, refused } from "./a-cloud.ts";

const EVERYWHERE = cidr4("0.0.0.0/0");

function withWayOut(options: Partial<CloudOptions> = {}): { cloud: Cloud; vpc: Vpc; subnet: Subnet } {
  const made = aSubnet("10.0.0.0/24", options);
  const gateway = must(made.cloud.createInternetGateway({}, at));
  must(made.cloud.attachInternetGateway({ gatewayId: gateway.id, vpcId: made.vpc.id }, at));
  return made;
}

describe("Elastic IPs", () => {
  test("are five at most, and more once the quota is raised", () => {
    const { cloud } = withWayOut();
    const all = [1, 2, 3, 4, 5].map(() => must(cloud.allocateAddress({}, at)));
    expect(new Set(all.map(({ publicAddress }) => publicAddress)).size).toBe(5);
    expect(refused(cloud.allocateAddress({}, at)).code).toBe("AddressLimitExceeded");
    expect(must(cloud.raiseQuota({ quota: "elasticAddresses", value: 6 }, at)).elasticAddresses).toBe(6);
    expect(cloud.quotas.elasticAddresses).toBe(6);
    must(cloud.allocateAddress({}, at));
  });

  test("take the place of the public address given at launch, stay over a stop, and go with the ENI back to the account", () => {
    const { cloud, subnet } = withWayOut();
    must(cloud.modifySubnet({ subnetId: subnet.id, hasPublicAddressOnLaunch: true }, at));
    const instance = launch(cloud, subnet.id);
    const given = instance.publicAddress!;
    const elastic = must(cloud.allocateAddress({}, at));
    must(cloud.associateAddress({ addressId: elastic.id, instanceId: instance.id }, at));
    expect(cloud.view.instance(instance.id)!.publicAddress).toBe(elastic.publicAddress);
    expect(primaryEni(cloud, instance.id)).toMatchObject({ publicAddress: elastic.publicAddress, elasticAddressId: elastic.id });
    expect(must(cloud.allocateAddress({}, at)).publicAddress).toBe(given);
    must(cloud.stopInstances({ instanceIds: [instance.id] }, at));
    must(cloud.startInstances({ instanceIds: [instance.id] }, at));
    expect(cloud.view.instance(instance.id)!.publicAddress).toBe(elastic.publicAddress);
    expect(refused(cloud.releaseAddress({ addressId: elastic.id }, at)).code).toBe("InvalidIPAddress.InUse");
    must(cloud.terminateInstances({ instanceIds: [instance.id] }, at));
    must(cloud.releaseAddress({ addressId: elastic.id }, at));
    expect(must(cloud.allocateAddress({}, at)).publicAddress).toBe(elastic.publicAddress);
  });

  test("stand for a secondary address, follow it to another ENI, and end with it", () => {
    const { cloud, subnet } = withWayOut();
    const [one, two] = [1, 2].map(() => must(cloud.createEni({ subnetId: subnet.id, carry: { addressCount: 1 } }, at)));
    const [address] = one!.secondaryAddresses;
    const elastic = must(cloud.allocateAddress({}, at));
    const associated = must(cloud.associateAddress({ addressId: elastic.id, eniId: one!.id, privateAddress: address! }, at));
    expect(cloud.view.eni(one!.id)!.publicAddress).toBeUndefined();
    must(cloud.assignAddresses({ eniId: two!.id, carry: { addresses: [address!] }, mayReassign: true }, at));
    expect(cloud.view.elasticAddressesOf(two!.id).map(({ id }) => id)).toEqual([elastic.id]);
    must(cloud.unassignAddresses({ eniId: two!.id, addresses: [address!] }, at));
    expect(cloud.view.elasticAddressesOf(two!.id)).toEqual([]);
    const gone = cloud.disassociateAddress({ associationId: associated.association!.id }, at);
    expect(refused(gone).code).toBe("InvalidAssociationID.NotFound");
  });

  test("need a gateway, an address that is there, and leave to move", () => {
    const { cloud, subnet } = aSubnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
    const elastic = must(cloud.allocateAddress({}, at));
    const to = (more: object) => cloud.associateAddress({ addressId: elastic.id, eniId: eni.id, ...more }, at);
    expect(refused(to({})).code).toBe("Gateway.NotAttached");
    const gateway = must(cloud.createInternetGateway({}, at));
    must(cloud.attachInternetGateway({ gatewayId: gateway.id, vpcId: subnet.vpcId }, at));
    expect(refused(to({ privateAddress: cidr4("10.0.0.99/32").base })).code).toBe("InvalidParameterValue");
    must(to({}));
    const other = must(cloud.createEni({ subnetId: subnet.id }, at));
    expect(refused(to({ eniId: other.id, mayReassociate: false })).code).toBe("Resource.AlreadyAssociated");
    must(to({ eniId: other.id }));
    expect(cloud.view.eni(eni.id)!.publicAddress).toBeUndefined();
    expect(refused(cloud.detachInternetGateway({ gatewayId: gateway.id, vpcId: subnet.vpcId }, at)).code).toBe("DependencyViolation");
  });
});

describe("NAT gateways", () => {
  test("take an address of their subnet and an Elastic IP, and give both back", () => {
    const { cloud, subnet, vpc } = withWayOut();
    const elastic = must(cloud.allocateAddress({}, at));
    const nat = must(cloud.createNatGateway({ subnetId: subnet.id, addressId: elastic.id }, at));
    expect(nat).toMatchObject({ state: "available", connectivity: "public", publicAddress: elastic.publicAddress });
    expect(cloud.view.subnet(subnet.id)!.freeAddresses).toBe(250);
    const eni = cloud.view.eni(nat.eniId)!;
    expect(eni).toMatchObject({ kind: "nat_gateway", status: "in-use", description: `Interface for NAT Gateway ${nat.id}`, groups: [] });
    expect(refused(cloud.deleteEni({ eniId: eni.id }, at)).code).toBe("OperationNotPermitted");
    expect(refused(cloud.deleteSubnet({ subnetId: subnet.id }, at)).code).toBe("DependencyViolation");
    expect(refused(cloud.createNatGateway({ subnetId: subnet.id, addressId: elastic.id }, at)).code).toBe("Resource.AlreadyAssociated");
    const route = {
      routeTableId: vpc.mainRouteTableId,
      destination: EVERYWHERE,
      target: { kind: "nat-gateway", natGatewayId: nat.id },
    } as const;
    must(cloud.createRoute(route, at));
    expect(cloud.view.isTargetThere(vpc.id, route.target)).toBe(true);
    must(cloud.deleteNatGateway({ natGatewayId: nat.id }, at));
    expect(cloud.view.isTargetThere(vpc.id, route.target)).toBe(false);
    expect(must(cloud.describeNatGateways({}, at))[0]).toMatchObject({ state: "deleted" });
    expect(must(cloud.describeNatGateways({}, { now: at.now + 3_600_001 }))).toEqual([]);
    expect(cloud.view.subnet(subnet.id)!.freeAddresses).toBe(251);
    must(cloud.releaseAddress({ addressId: elastic.id }, at));
  });

  test("public ones need an Elastic IP and fail without an internet gateway; private ones need neither", () => {
    const { cloud, subnet } = aSubnet();
    expect(refused(cloud.createNatGateway({ subnetId: subnet.id }, at)).code).toBe("MissingParameter");
    const elastic = must(cloud.allocateAddress({}, at));
    const failed = must(cloud.createNatGateway({ subnetId: subnet.id, addressId: elastic.id }, at));
    expect(failed).toMatchObject({ state: "failed", failure: { code: "Gateway.NotAttached" } });
    expect(cloud.view.eni(failed.eniId)).toBeUndefined();
    expect(must(cloud.createNatGateway({ subnetId: subnet.id, connectivity: "private" }, at)).state).toBe("available");
    const both = cloud.createNatGateway({ subnetId: subnet.id, connectivity: "private", addressId: elastic.id }, at);
    expect(refused(both).code).toBe("InvalidParameterCombination");
  });

  test("are five a zone, pass through pending and deleting, and answer a repeated token with the same one", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24", { settle: "by-caller" });
    const wish = { subnetId: subnet.id, connectivity: "private", clientToken: "once" } as const;
    const first = must(cloud.createNatGateway(wish, at));
    expect(first.state).toBe("pending");
    expect(must(cloud.createNatGateway(wish, at)).id).toBe(first.id);
    for (let i = 0; i < 4; i++) must(cloud.createNatGateway({ subnetId: subnet.id, connectivity: "private" }, at));
    expect(refused(cloud.createNatGateway({ subnetId: subnet.id, connectivity: "private" }, at)).code).toBe("NatGatewayLimitExceeded");
    must(cloud.settleNatGateway({ natGatewayId: first.id }, at));
    expect(cloud.view.natGateway(first.id)!.state).toBe("available");
    expect(must(cloud.deleteNatGateway({ natGatewayId: first.id }, at)).state).toBe("deleting");
    must(cloud.settleNatGateway({ natGatewayId: first.id }, at));
    must(cloud.createNatGateway({ subnetId: subnet.id, connectivity: "private" }, at));
  });
});

describe("routes", () => {
  test("an egress-only gateway takes IPv6 only, a NAT gateway IPv4 only, and neither of another VPC", () => {
    const { cloud, vpc, subnet } = withWayOut();
    const gateway = must(cloud.createEgressOnlyGateway({ vpcId: vpc.id }, at));
    const nat = must(cloud.createNatGateway({ subnetId: subnet.id, connectivity: "private" }, at));
    const target = { kind: "egress-only-gateway", gatewayId: gateway.id } as const;
    const route = (more: object) => cloud.createRoute({ routeTableId: vpc.mainRouteTableId, destination: EVERYWHERE, target, ...more }, at);
    expect(refused(route({})).message).toContain("IPv6 only");
    const toNat = { target: { kind: "nat-gateway", natGatewayId: nat.id }, destination: cidr6("::/0") };
    expect(refused(route(toNat)).message).toContain("IPv4 only");
    must(route({ destination: cidr6("::/0") }));
    expect(refused(route({ destination: cidr6("::/0") })).code).toBe("RouteAlreadyExists");
    const other = must(cloud.createVpc({ cidr: cidr4("10.9.0.0/16") }, at));
    const foreign = route({ routeTableId: other.mainRouteTableId, destination: cidr6("::/0") });
    expect(refused(foreign).message).toContain("different networks");
    expect(refused(cloud.deleteVpc({ vpcId: vpc.id }, at)).code).toBe("DependencyViolation");
  });

  test("another table takes an association's place, the main one's too", () => {
    const { cloud, vpc, subnet } = withWayOut();
    const [one, two] = [1, 2].map(() => must(cloud.createRouteTable({ vpcId: vpc.id }, at)));
    const own = must(cloud.associateRouteTable({ routeTableId: one!.id, subnetId: subnet.id }, at));
    const next = must(cloud.replaceRouteTableAssociation({ associationId: own.id, routeTableId: two!.id }, at));
    expect(cloud.view.routeTableOf(subnet.id)!.id).toBe(two!.id);
    expect(next.id).not.toBe(own.id);
    const [main] = must(cloud.describeRouteTables({ ids: [vpc.mainRouteTableId] }, at))[0]!.associations;
    must(cloud.replaceRouteTableAssociation({ associationId: main!.id, routeTableId: one!.id }, at));
    expect(cloud.view.vpc(vpc.id)!.mainRouteTableId).toBe(one!.id);
    must(cloud.deleteRouteTable({ routeTableId: vpc.mainRouteTableId }, at));
    expect(refused(cloud.deleteRouteTable({ routeTableId: one!.id }, at)).code).toBe("DependencyViolation");
  });
});

test("an ENI of another service counts for its subnet and quota, and only the service deletes it", () => {
  const { cloud, subnet } = aSubnet("10.0.0.0/24", { quotas: { enis: 1 } });
  const wish = {
    subnetId: subnet.id,
    kind: "interface",
    description: "ELB app/a/1",
    requesterId: "amazon-elb",
    attachmentOwner: "amazon-elb",
  } as const;
  const eni = must(cloud.createServiceEni({ ...wish, hasPublicAddress: true }, at));
  expect(formatIpv4(eni.publicAddress!)).toBe("198.18.0.4");
  expect(eni.requester).toMatchObject({ id: "amazon-elb" });
  expect(cloud.view.subnet(subnet.id)!.freeAddresses).toBe(250);
  expect(refused(cloud.createEni({ subnetId: subnet.id }, at)).code).toBe("NetworkInterfaceLimitExceeded");
  expect(refused(cloud.deleteEni({ eniId: eni.id }, at)).code).toBe("OperationNotPermitted");
  must(cloud.deleteServiceEni({ eniId: eni.id }, at));
  expect(cloud.view.subnet(subnet.id)!.freeAddresses).toBe(251);
});
