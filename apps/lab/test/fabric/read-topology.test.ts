import { cidr4, formatCidr4, formatIpv4 } from "@slash28/address";
import { createCloud, type Cloud, type Ec2Result, type Vpc } from "@slash28/vpc";
import { describe, expect, test } from "vitest";
import { planRouter, readTopology, routerRules } from "../../src/fabric/index.ts";

const call = { now: 0 };

function value<T>(result: Ec2Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

function aCloud(hasWayOut: boolean): { readonly cloud: Cloud; readonly vpc: Vpc } {
  const cloud = createCloud({ region: "us-east-1", zones: [{ name: "us-east-1a", id: "use1-az1" }], accountId: "123456789012", seed: 1 });
  const vpc = value(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, call));
  const subnet = value(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/24") }, call));
  value(cloud.modifySubnet({ subnetId: subnet.id, hasPublicAddressOnLaunch: true }, call));
  if (hasWayOut) {
    const gateway = value(cloud.createInternetGateway({}, call));
    value(cloud.attachInternetGateway({ gatewayId: gateway.id, vpcId: vpc.id }, call));
    value(
      cloud.createRoute(
        {
          routeTableId: vpc.mainRouteTableId,
          destination: cidr4("0.0.0.0/0"),
          target: { kind: "internet-gateway", gatewayId: gateway.id },
        },
        call,
      ),
    );
  }
  value(cloud.runInstances({ type: "m5.large", imageId: "ami-1", minCount: 1, maxCount: 1, subnetId: subnet.id }, call));
  return { cloud, vpc };
}

describe("what the fabric reads from the cloud", () => {
  test("an ENI owns its primary address, its secondary addresses and its prefixes, and the router has a route for each", () => {
    const { cloud, vpc } = aCloud(false);
    const [eni] = cloud.view.enis();
    if (eni === undefined) throw new Error("no ENI");
    value(cloud.assignAddresses({ eniId: eni.id, carry: { addressCount: 2 } }, call));
    value(cloud.assignAddresses({ eniId: eni.id, carry: { prefixCount: 1 } }, call));
    const topology = readTopology(cloud.view, vpc);
    const owned = topology.instances[0]?.enis[0]?.owned.map(formatCidr4);
    expect(owned).toHaveLength(4);
    expect([...planRouter(topology).routes.keys()].toSorted()).toEqual(owned?.toSorted());
    expect(owned?.every((range) => routerRules(topology).includes(`. ${range}`))).toBe(true);
  });

  test("a public address counts only with an internet gateway", () => {
    const publicAddressesOf = (hasWayOut: boolean): unknown => {
      const { cloud, vpc } = aCloud(hasWayOut);
      return readTopology(cloud.view, vpc).instances[0]?.enis[0]?.publicAddresses;
    };
    expect(publicAddressesOf(false)).toEqual([]);
    expect(publicAddressesOf(true)).toHaveLength(1);
  });

  test("an Elastic IP on a secondary address is open as well", () => {
    const { cloud, vpc } = aCloud(true);
    const [eni] = cloud.view.enis();
    if (eni === undefined) throw new Error("no ENI");
    const { addresses } = value(cloud.assignAddresses({ eniId: eni.id, carry: { addressCount: 1 } }, call));
    const elastic = value(cloud.allocateAddress({}, call));
    value(cloud.associateAddress({ addressId: elastic.id, eniId: eni.id, privateAddress: addresses[0]! }, call));
    expect(readTopology(cloud.view, vpc).instances[0]?.enis[0]?.publicAddresses).toContainEqual({
      own: addresses[0],
      open: elastic.publicAddress,
    });
  });

  test("routes are told as they are: a deleted NAT gateway leads nowhere, and its table is no longer followed", () => {
    const { cloud, vpc } = aCloud(true);
    const elastic = value(cloud.allocateAddress({}, call));
    const zone = value(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.1.0/24") }, call));
    const [own] = cloud.view.enis();
    const table = value(cloud.createRouteTable({ vpcId: vpc.id }, call));
    value(cloud.associateRouteTable({ routeTableId: table.id, subnetId: own!.subnetId }, call));
    const nat = value(cloud.createNatGateway({ subnetId: zone.id, addressId: elastic.id }, call));
    const target = { kind: "nat-gateway", natGatewayId: nat.id } as const;
    value(cloud.createRoute({ routeTableId: table.id, destination: cidr4("0.0.0.0/0"), target }, call));
    const before = readTopology(cloud.view, vpc);
    expect(before.natGateways).toEqual([{ id: nat.id, routeTable: vpc.mainRouteTableId, publicAddress: elastic.publicAddress }]);
    expect(before.routeTables.map(({ id }) => id).toSorted()).toEqual([table.id, vpc.mainRouteTableId].toSorted());
    expect(routerRules(before)).toContain(`goto via-${nat.id}`);
    value(cloud.deleteNatGateway({ natGatewayId: nat.id }, call));
    const after = readTopology(cloud.view, vpc);
    expect(after.natGateways).toEqual([]);
    expect(after.routeTables.map(({ id, routes }) => [id, routes.map(({ to }) => to)])).toEqual([[table.id, ["local", "nowhere"]]]);
  });

  test("a branch follows its trunk's instance, until it is taken off", () => {
    const { cloud, vpc } = aCloud(false);
    const [primary] = cloud.view.enis();
    const instanceId = primary?.attachment?.instanceId;
    if (primary === undefined || instanceId === undefined) throw new Error("no instance");
    const { subnetId } = primary;
    const trunk = value(cloud.createEni({ subnetId, kind: "trunk" }, call));
    value(cloud.attachEni({ eniId: trunk.id, instanceId, deviceIndex: 2 }, call));
    const branch = value(cloud.createEni({ subnetId }, call));
    const { id } = value(cloud.associateTrunk({ trunkId: trunk.id, branchId: branch.id, vlanId: 7 }, call));
    const enis = () => readTopology(cloud.view, vpc).instances[0]?.enis.map((eni) => [eni.id, eni.vlan]);
    expect(enis()).toEqual([
      [primary.id, undefined],
      [trunk.id, undefined],
      [branch.id, { trunk: trunk.id, id: 7 }],
    ]);
    value(cloud.disassociateTrunk({ associationId: id }, call));
    expect(enis()).toHaveLength(2);
  });

  test("a terminated instance is not carried any more", () => {
    const { cloud, vpc } = aCloud(true);
    const ids = cloud.view.instances().map((instance) => instance.id);
    value(cloud.terminateInstances({ instanceIds: ids }, call));
    expect(readTopology(cloud.view, vpc).instances).toEqual([]);
  });

  test("the default group lets its members in and everything out", () => {
    const { cloud, vpc } = aCloud(true);
    const topology = readTopology(cloud.view, vpc);
    const text = routerRules(topology);
    const [eni] = topology.instances[0]?.enis ?? [];
    expect(text).toContain(`ip saddr @${vpc.defaultGroupId} return`);
    expect(text).toContain("ip daddr 0.0.0.0/0 return");
    expect(text).toContain(`${formatIpv4(eni?.primaryAddress ?? (0 as never))} : `);
  });
});
