import { asId, cidr4, formatIpv4, ipv4, type EniId, type SecurityGroupId } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { aCloud, aSubnet, at, launch, must, refused, snapshot } from "./a-cloud.ts";

describe("a new ENI", () => {
  test("gets the lowest free address, a MAC, and the VPC's default group", () => {
    const { cloud, vpc, subnet } = aSubnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id, description: "aws-K8S-i-1", tags: { owner: "pool" } }, at));
    expect(formatIpv4(eni.primaryAddress)).toBe("10.0.0.4");
    expect(eni.id).toMatch(/^eni-0[0-9a-f]{16}$/);
    expect(eni.mac).toMatch(/^(02|06|0a|0e|12|16)(:[0-9a-f]{2}){5}$/);
    expect(eni).toMatchObject({
      status: "available",
      groups: [vpc.defaultGroupId],
      hasSourceDestCheck: true,
      zone: "us-east-1a",
      tags: { owner: "pool" },
    });
  });

  test("carries what it is asked to", () => {
    const { cloud, subnet } = aSubnet();
    const create = (carry: object) => must(cloud.createEni({ subnetId: subnet.id, carry }, at));
    expect(create({ addressCount: 3 }).secondaryAddresses.map(formatIpv4)).toEqual(["10.0.0.5", "10.0.0.6", "10.0.0.7"]);
    expect(create({ prefixCount: 2 }).prefixes).toEqual([cidr4("10.0.0.16/28"), cidr4("10.0.0.32/28")]);
    expect(create({ addresses: [ipv4("10.0.0.77")] }).secondaryAddresses).toEqual([ipv4("10.0.0.77")]);
    expect(create({ prefixes: [cidr4("10.0.0.96/28")] }).prefixes).toEqual([cidr4("10.0.0.96/28")]);
  });

  test("whose secondary address would be the next free one does not get it twice", () => {
    const { cloud, subnet } = aSubnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id, carry: { addresses: [ipv4("10.0.0.4")] } }, at));
    expect(formatIpv4(eni.primaryAddress)).toBe("10.0.0.5");
  });

  test.each([
    ["a used address", { primaryAddress: ipv4("10.0.0.10") }, "InvalidIPAddress.InUse", "The specified address is already in use."],
    [
      "an address inside a prefix",
      { primaryAddress: ipv4("10.0.0.33") },
      "InvalidIPAddress.InUse",
      "The specified address is already in use.",
    ],
    ["a foreign address", { primaryAddress: ipv4("10.0.9.1") }, "InvalidParameterValue", "Address 10.0.9.1 is not within subnet's range"],
    [
      "the router's address",
      { primaryAddress: ipv4("10.0.0.1") },
      "InvalidParameterValue",
      "Address 10.0.0.1 is in subnet's reserved address range",
    ],
    [
      "the last address",
      { primaryAddress: ipv4("10.0.0.255") },
      "InvalidParameterValue",
      "Address 10.0.0.255 is in subnet's reserved address range",
    ],
    ["two ways at once", { carry: { addressCount: 1, prefixCount: 1 } }, "InvalidParameterCombination", /^Only one of/],
    ["no count", { carry: { addressCount: 0 } }, "InvalidParameterValue", /secondaryPrivateIpAddressCount/],
    ["too much", { carry: { addressCount: 50 } }, "PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit."],
    [
      "more than the subnet has",
      { carry: { prefixCount: 14 } },
      "InvalidParameterValue",
      "There aren't sufficient free Ipv4 addresses or prefixes",
    ],
    ["a used prefix", { carry: { prefixes: [cidr4("10.0.0.32/28")] } }, "InvalidIPAddress.InUse", /in use/],
    ["a /27 as prefix", { carry: { prefixes: [cidr4("10.0.0.64/27")] } }, "InvalidParameterValue", /not a \/28/],
    ["an address twice", { carry: { addresses: [ipv4("10.0.0.90"), ipv4("10.0.0.90")] } }, "InvalidParameterValue", /more than once/],
    ["a branch", { kind: "branch" as const }, "InvalidParameterValue", /InterfaceType/],
    ["a reserved tag", { tags: { "aws:owner": "me" } }, "InvalidParameterValue", /aws:/],
    [
      "an unknown group",
      { groups: [asId<SecurityGroupId>("sg-0aaaaaaaaaaaaaaaa")] },
      "InvalidSecurityGroupID.NotFound",
      "The securityGroup ID 'sg-0aaaaaaaaaaaaaaaa' does not exist",
    ],
  ])("with %s is refused and nothing changes", (_what, wish, code, message) => {
    const { cloud, subnet } = aSubnet();
    must(cloud.createEni({ subnetId: subnet.id, primaryAddress: ipv4("10.0.0.10"), carry: { prefixes: [cidr4("10.0.0.32/28")] } }, at));
    const before = snapshot(cloud);
    const fault = refused(cloud.createEni({ subnetId: subnet.id, ...wish }, at));
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(typeof message === "string" ? new RegExp(`^${message.replaceAll(/[.()]/g, "\\$&")}$`) : message);
    expect(snapshot(cloud)).toBe(before);
  });

  test("counts against the Region's quota", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24", { quotas: { enis: 2 } });
    launch(cloud, subnet.id);
    must(cloud.createEni({ subnetId: subnet.id }, at));
    expect(refused(cloud.createEni({ subnetId: subnet.id }, at)).code).toBe("NetworkInterfaceLimitExceeded");
  });

  test("takes five groups of its own VPC", () => {
    const { cloud, vpc, subnet } = aSubnet();
    const other = must(cloud.createVpc({ cidr: cidr4("10.1.0.0/16") }, at));
    const groups = Array.from(
      { length: 6 },
      (_, i) => must(cloud.createSecurityGroup({ vpcId: vpc.id, name: `g${i}`, description: "d" }, at)).id,
    );
    must(cloud.createEni({ subnetId: subnet.id, groups: groups.slice(0, 5) }, at));
    expect(refused(cloud.createEni({ subnetId: subnet.id, groups }, at)).code).toBe("SecurityGroupsPerInterfaceLimitExceeded");
    expect(refused(cloud.createEni({ subnetId: subnet.id, groups: [other.defaultGroupId] }, at)).code).toBe("InvalidParameter");
  });
});

describe("a client token", () => {
  test("brings the same ENI again, also changed; with other parameters it is refused", () => {
    const { cloud, subnet } = aSubnet();
    const input = { subnetId: subnet.id, clientToken: "t-1", carry: { addressCount: 1 } };
    const first = must(cloud.createEni(input, at));
    must(cloud.modifyEni({ eniId: first.id, change: { attribute: "description", value: "later" } }, at));
    expect(must(cloud.createEni({ carry: { addressCount: 1 }, clientToken: "t-1", subnetId: subnet.id }, at))).toEqual({
      ...first,
      description: "later",
    });
    expect(refused(cloud.createEni({ ...input, carry: { addressCount: 2 } }, at)).code).toBe("IdempotentParameterMismatch");
    expect(cloud.view.enis()).toHaveLength(1);
  });

  test("is forgotten after a day, and never remembered for a refused call", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/28");
    expect(refused(cloud.createEni({ subnetId: subnet.id, clientToken: "t", carry: { addressCount: 20 } }, at)).code).toBe(
      "InsufficientFreeAddressesInSubnet",
    );
    const first = must(cloud.createEni({ subnetId: subnet.id, clientToken: "t" }, at));
    const later = must(cloud.createEni({ subnetId: subnet.id, clientToken: "t" }, { now: at.now + 25 * 3_600_000 }));
    expect(later.id).not.toBe(first.id);
  });
});

describe("assigning", () => {
  test("answers the new ones only", () => {
    const { cloud, subnet } = aSubnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id, carry: { addressCount: 2 } }, at));
    expect(must(cloud.assignAddresses({ eniId: eni.id, carry: { addressCount: 1 } }, at))).toEqual({
      eniId: eni.id,
      addresses: [ipv4("10.0.0.7")],
      prefixes: [],
    });
    expect(cloud.view.eni(eni.id)?.secondaryAddresses.map(formatIpv4)).toEqual(["10.0.0.5", "10.0.0.6", "10.0.0.7"]);
  });

  test("is all or nothing, and a fragmented subnet says InsufficientCidrBlocks with most addresses free", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24");
    for (let block = 1; block < 15; block++)
      must(cloud.createEni({ subnetId: subnet.id, primaryAddress: ipv4(`10.0.0.${block * 16 + 3}`) }, at));
    const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
    expect(refused(cloud.assignAddresses({ eniId: eni.id, carry: { prefixCount: 1 } }, at))).toEqual({
      code: "InsufficientCidrBlocks",
      message: "The specified subnet does not have enough free cidr blocks to satisfy the request.",
    });
    expect(cloud.view.subnet(subnet.id)?.freeAddresses).toBe(236);
    expect(refused(cloud.createEni({ subnetId: subnet.id, carry: { prefixCount: 1 } }, at)).code).toBe("InvalidParameterValue");
  });

  test("more than the subnet has takes nothing", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/28");
    const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
    expect(refused(cloud.assignAddresses({ eniId: eni.id, carry: { addressCount: 11 } }, at))).toEqual({
      code: "InsufficientFreeAddressesInSubnet",
      message: "The specified subnet does not have enough free addresses to satisfy the request.",
    });
    expect(cloud.view.subnet(subnet.id)?.freeAddresses).toBe(10);
  });

  test("an address someone holds needs leave to move, and a primary one or one in a prefix never moves", () => {
    const { cloud, subnet } = aSubnet();
    const a = must(cloud.createEni({ subnetId: subnet.id, carry: { addresses: [ipv4("10.0.0.50"), ipv4("10.0.0.51")] } }, at));
    const b = must(cloud.createEni({ subnetId: subnet.id, carry: { prefixes: [cidr4("10.0.0.64/28")] } }, at));
    const assign = (addresses: string[], mayReassign?: boolean) =>
      cloud.assignAddresses(
        { eniId: b.id, carry: { addresses: addresses.map(ipv4) }, ...(mayReassign === undefined ? {} : { mayReassign }) },
        at,
      );
    expect(refused(assign(["10.0.0.50", "10.0.0.51"]))).toEqual({
      code: "InvalidParameterValue",
      message: "[10.0.0.50, 10.0.0.51] assigned, but move is not allowed.",
    });
    expect(refused(assign([formatIpv4(a.primaryAddress)], true)).message).toBe(
      "invalid value for parameter secondary-addresses: [10.0.0.4]",
    );
    expect(refused(assign(["10.0.0.70"], true)).message).toBe("[10.0.0.70] assigned, but move is not allowed.");
    must(assign(["10.0.0.50", "10.0.0.52"], true));
    expect(cloud.view.eni(a.id)?.secondaryAddresses).toEqual([ipv4("10.0.0.51")]);
    expect(cloud.view.eni(b.id)?.secondaryAddresses).toEqual([ipv4("10.0.0.50"), ipv4("10.0.0.52")]);
    must(assign(["10.0.0.50"], true));
    expect(cloud.view.eni(b.id)?.secondaryAddresses).toEqual([ipv4("10.0.0.50"), ipv4("10.0.0.52")]);
    expect(cloud.view.ownerOf(subnet.vpcId, ipv4("10.0.0.50"))?.id).toBe(b.id);
    expect(cloud.view.ownerOf(subnet.vpcId, ipv4("10.0.0.70"))?.id).toBe(b.id);
    expect(cloud.view.ownerOf(subnet.vpcId, ipv4("10.0.0.90"))).toBeUndefined();
  });

  test("asks for exactly one thing", () => {
    const { cloud, subnet } = aSubnet();
    const eniId = must(cloud.createEni({ subnetId: subnet.id }, at)).id;
    expect(refused(cloud.assignAddresses({ eniId, carry: {} }, at)).code).toBe("MissingParameter");
    expect(refused(cloud.assignAddresses({ eniId, carry: { addressCount: 1, prefixCount: 1 } }, at)).code).toBe(
      "InvalidParameterCombination",
    );
    expect(refused(cloud.assignAddresses({ eniId, carry: { prefixCount: -1 } }, at)).code).toBe("InvalidParameterValue");
  });
});

describe("unassigning", () => {
  test("gives back exactly what is named", () => {
    const { cloud, subnet } = aSubnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id, carry: { prefixCount: 2 } }, at));
    must(cloud.unassignAddresses({ eniId: eni.id, prefixes: eni.prefixes.slice(0, 1) }, at));
    expect(cloud.view.eni(eni.id)?.prefixes).toEqual(eni.prefixes.slice(1));
  });

  test.each([
    ["nothing", {}, "MissingParameter"],
    ["an address it has not", { addresses: [ipv4("10.0.0.99")] }, "InvalidParameterValue"],
    ["its primary address", { addresses: [ipv4("10.0.0.4")] }, "InvalidParameterValue"],
    ["a prefix by another length", { prefixes: [cidr4("10.0.0.16/29")] }, "InvalidParameterValue"],
    ["one it has and one it has not", { prefixes: [cidr4("10.0.0.16/28"), cidr4("10.0.0.32/28")] }, "InvalidParameterValue"],
  ])("%s is refused and nothing changes", (_what, gone, code) => {
    const { cloud, subnet } = aSubnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id, carry: { prefixes: [cidr4("10.0.0.16/28")] } }, at));
    const before = snapshot(cloud);
    expect(refused(cloud.unassignAddresses({ eniId: eni.id, ...gone }, at)).code).toBe(code);
    expect(snapshot(cloud)).toBe(before);
  });

  test("names the ENI whose addresses they are not", () => {
    const { cloud, subnet } = aSubnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
    expect(refused(cloud.unassignAddresses({ eniId: eni.id, addresses: [ipv4("10.0.0.99")] }, at)).message).toBe(
      `Some of the specified addresses are not assigned to interface ${eni.id}`,
    );
  });
});

test("an unknown ENI is named in quotes, an id that could not be one is malformed", () => {
  const cloud = aCloud();
  const unknown = asId<EniId>("eni-0123456789abcdef0");
  expect(refused(cloud.deleteEni({ eniId: unknown }, at))).toEqual({
    code: "InvalidNetworkInterfaceID.NotFound",
    message: "The networkInterface ID 'eni-0123456789abcdef0' does not exist",
  });
  expect(refused(cloud.describeEnis({ ids: [asId<EniId>("eni-xyz")] }, at)).code).toBe("InvalidNetworkInterfaceID.Malformed");
});

test("a dry run says it would succeed and does nothing, or tells the real refusal", () => {
  const { cloud, subnet } = aSubnet();
  const dry = { ...at, dryRun: true };
  const before = snapshot(cloud);
  expect(refused(cloud.createEni({ subnetId: subnet.id, clientToken: "t" }, dry)).code).toBe("DryRunOperation");
  expect(refused(cloud.createEni({ subnetId: subnet.id, primaryAddress: ipv4("10.0.0.1") }, dry)).code).toBe("InvalidParameterValue");
  expect(refused(cloud.describeEnis({}, dry)).code).toBe("DryRunOperation");
  expect(snapshot(cloud)).toBe(before);
});

test("attributes change one at a time", () => {
  const { cloud, vpc, subnet } = aSubnet();
  const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
  const group = must(cloud.createSecurityGroup({ vpcId: vpc.id, name: "pods", description: "pods" }, at));
  must(cloud.modifyEni({ eniId: eni.id, change: { attribute: "source-dest-check", value: false } }, at));
  must(cloud.modifyEni({ eniId: eni.id, change: { attribute: "groups", value: [group.id] } }, at));
  expect(cloud.view.eni(eni.id)).toEqual({ ...eni, hasSourceDestCheck: false, groups: [group.id] });
  expect(refused(cloud.modifyEni({ eniId: eni.id, change: { attribute: "groups", value: [] } }, at)).code).toBe("InvalidParameterValue");
  expect(refused(cloud.modifyEni({ eniId: eni.id, change: { attribute: "groups", value: [asId("sg-1")] } }, at)).code).toBe(
    "InvalidGroup.NotFound",
  );
});
