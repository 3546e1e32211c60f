import { cidr4, ipv4 } from "@slash28/address";
import { expect, test } from "vitest";
import { createCloud, privateDnsName, publicDnsName, type CloudChange, type CloudOptions } from "../src/index.ts";
import { aSubnet, at, launch, must, refused, snapshot } from "./a-cloud.ts";

test("the same seed and calls make the same cloud; another seed other ids", () => {
  const make = (options: Partial<CloudOptions>) => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24", { pick: "scatter", ...options });
    launch(cloud, subnet.id);
    must(cloud.createEni({ subnetId: subnet.id, carry: { prefixCount: 2 } }, at));
    return snapshot(cloud);
  };
  expect(make({ seed: 7 })).toBe(make({ seed: 7 }));
  expect(make({ seed: 7 })).not.toBe(make({ seed: 8 }));
});

test("a refused call uses up no id", () => {
  const ids = (spoil: boolean) => {
    const { cloud, subnet } = aSubnet();
    if (spoil) refused(cloud.createEni({ subnetId: subnet.id, primaryAddress: ipv4("10.0.0.1") }, at));
    return must(cloud.createEni({ subnetId: subnet.id }, at)).id;
  };
  expect(ids(true)).toBe(ids(false));
});

test("ids and MACs do not repeat", () => {
  const { cloud, subnet } = aSubnet("10.0.0.0/20");
  const enis = Array.from({ length: 4_000 }, () => must(cloud.createEni({ subnetId: subnet.id }, at)));
  expect(new Set(enis.map(({ id }) => id)).size).toBe(4_000);
  expect(new Set(enis.map(({ mac }) => mac)).size).toBe(4_000);
});

test("listeners hear of every change once, with what it touched, and of nothing else", () => {
  const { cloud, subnet } = aSubnet();
  const heard: CloudChange[] = [];
  const stop = cloud.subscribe((change) => heard.push(change));
  const before = cloud.revision;
  const instance = launch(cloud, subnet.id);
  must(cloud.describeEnis({}, at));
  refused(cloud.createEni({ subnetId: subnet.id, primaryAddress: ipv4("10.0.0.1") }, at));
  const [eniId] = instance.enis;
  const { addresses } = must(cloud.assignAddresses({ eniId: eniId!, carry: { addressCount: 1 } }, at));
  const other = must(cloud.createEni({ subnetId: subnet.id }, at));
  must(cloud.assignAddresses({ eniId: other.id, carry: { addresses }, mayReassign: true }, at));
  stop();
  must(cloud.deleteEni({ eniId: other.id }, at));
  expect(heard.map(({ revision, action, touched }) => [revision - before, action, new Set(touched)])).toEqual([
    [1, "runInstances", new Set([instance.id, eniId])],
    [2, "assignAddresses", new Set([eniId])],
    [3, "createEni", new Set([other.id])],
    [4, "assignAddresses", new Set([other.id, eniId])],
  ]);
  expect(cloud.revision).toBe(before + 5);
});

test("instance types are those of the limits table unless given", () => {
  const cloud = createCloud({ region: "us-east-1", accountId: "1", zones: [{ name: "us-east-1a", id: "use1-az1" }] });
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
  const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/24") }, at));
  expect(launch(cloud, subnet.id, "m5.large").type).toBe("m5.large");
});

test("what was answered does not change afterwards", () => {
  const { cloud, subnet } = aSubnet();
  const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
  must(cloud.assignAddresses({ eniId: eni.id, carry: { addressCount: 2 } }, at));
  expect(eni.secondaryAddresses).toEqual([]);
});

test("quotas hold", () => {
  const { cloud, vpc, subnet } = aSubnet("10.0.0.0/24", {
    quotas: { vpcs: 1, subnetsPerVpc: 1, groups: 1, routeTablesPerVpc: 1, routesPerTable: 1, internetGateways: 0 },
  });
  const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
  const route = { routeTableId: vpc.mainRouteTableId, destination: cidr4("0.0.0.0/0"), target: { kind: "eni", eniId: eni.id } } as const;
  expect(
    [
      cloud.createVpc({ cidr: cidr4("10.1.0.0/16") }, at),
      cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.1.0/24") }, at),
      cloud.createSecurityGroup({ vpcId: vpc.id, name: "g", description: "d" }, at),
      cloud.createRouteTable({ vpcId: vpc.id }, at),
      cloud.createRoute(route, at),
      cloud.createInternetGateway({}, at),
    ].map((result) => refused<unknown>(result).code),
  ).toEqual([
    "VpcLimitExceeded",
    "SubnetLimitExceeded",
    "SecurityGroupLimitExceeded",
    "RouteTableLimitExceeded",
    "RouteLimitExceeded",
    "InternetGatewayLimitExceeded",
  ]);
});

test("host names follow the Region", () => {
  expect(privateDnsName("us-east-1", ipv4("10.0.1.7"))).toBe("ip-10-0-1-7.ec2.internal");
  expect(privateDnsName("eu-west-1", ipv4("10.0.1.7"))).toBe("ip-10-0-1-7.eu-west-1.compute.internal");
  expect(publicDnsName("us-east-1", ipv4("198.18.0.9"))).toBe("ec2-198-18-0-9.compute-1.amazonaws.com");
  expect(publicDnsName("eu-west-1", ipv4("198.18.0.9"))).toBe("ec2-198-18-0-9.eu-west-1.compute.amazonaws.com");
});
