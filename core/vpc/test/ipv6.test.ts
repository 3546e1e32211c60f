import { cidr4, cidr6, formatCidr6, formatCidrRange, formatIpv6, ipv6, offsetIpv6 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import type { CloudOptions } from "../src/index.ts";
import { aCloud, at, launch, must, primaryEni, refused } from "./a-cloud.ts";

/** A VPC with an IPv6 block and a subnet with the first /64 of it. */
function anIpv6Subnet(options: Partial<CloudOptions> = {}) {
  const cloud = aCloud(options);
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16"), hasIpv6: true }, at));
  const block = vpc.ipv6Cidrs[0]!.cidr;
  const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/24"), ipv6Cidr: { ...block, length: 64 } }, at));
  return { cloud, vpc, block, subnet, range: subnet.ipv6Cidr!.cidr };
}

describe("a VPC's IPv6 blocks", () => {
  test("are /56 of Amazon's, no two the same, five at most, each with a local route", () => {
    const { cloud, vpc } = anIpv6Subnet();
    const more = [1, 2, 3, 4].map(() => must(cloud.associateVpcIpv6Cidr({ vpcId: vpc.id }, at)).ipv6Association.cidr);
    const all = [vpc.ipv6Cidrs[0]!.cidr, ...more];
    expect(new Set(all.map(formatCidr6)).size).toBe(5);
    expect(all.every(({ length }) => length === 56)).toBe(true);
    expect(refused(cloud.associateVpcIpv6Cidr({ vpcId: vpc.id }, at)).code).toBe("CidrLimitExceeded");
    const [table] = must(cloud.describeRouteTables({ ids: [vpc.mainRouteTableId] }, at));
    expect(table!.routes.map(({ destination }) => formatCidrRange(destination))).toEqual(["10.0.0.0/16", ...all.map(formatCidr6)]);
  });

  test("a block goes when no subnet lies in it, and is given out again", () => {
    const { cloud, vpc, subnet } = anIpv6Subnet();
    const { id } = vpc.ipv6Cidrs[0]!;
    expect(refused(cloud.disassociateVpcCidr({ associationId: id }, at)).code).toBe("DependencyViolation");
    must(cloud.disassociateSubnetCidr({ associationId: subnet.ipv6Cidr!.id }, at));
    must(cloud.disassociateVpcCidr({ associationId: id }, at));
    expect(cloud.view.vpc(vpc.id)!.ipv6Cidrs).toEqual([]);
    const [table] = must(cloud.describeRouteTables({ ids: [vpc.mainRouteTableId] }, at));
    expect(table!.routes).toHaveLength(1);
    expect(must(cloud.associateVpcIpv6Cidr({ vpcId: vpc.id }, at)).ipv6Association.cidr).toEqual(vpc.ipv6Cidrs[0]!.cidr);
  });
});

describe("a subnet's IPv6 range", () => {
  test.each([44, 48, 52])("may not be longer than the VPC's block: /%i", (length) => {
    const { cloud, vpc, block } = anIpv6Subnet();
    const base = cidr6(`${formatIpv6(block.base)}/56`).base;
    expect(refused(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.1.0/24"), ipv6Cidr: { base, length } }, at)).code).toBe(
      "InvalidSubnet.Range",
    );
  });

  test.each([57, 62, 63, 65, 80])("comes in steps of four up to /64: not /%i", (length) => {
    const { cloud, vpc, block } = anIpv6Subnet();
    const base = offsetIpv6(block.base, 1n << 71n);
    expect(refused(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.1.0/24"), ipv6Cidr: { base, length } }, at)).code).toBe(
      "InvalidSubnet.Range",
    );
  });

  test("does not overlap another's, comes to a subnet later too, and goes only when nobody holds an address", () => {
    const { cloud, vpc, range, block } = anIpv6Subnet();
    const other = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.1.0/24") }, at));
    expect(refused(cloud.associateSubnetCidr({ subnetId: other.id, cidr: range }, at)).code).toBe("InvalidSubnet.Conflict");
    const next = { base: offsetIpv6(block.base, 1n << 64n), length: 64 };
    const { ipv6Cidr } = must(cloud.associateSubnetCidr({ subnetId: other.id, cidr: next }, at));
    expect(refused(cloud.associateSubnetCidr({ subnetId: other.id, cidr: next }, at)).code).toBe("InvalidParameterValue");
    const eni = must(cloud.createEni({ subnetId: other.id, ipv6: { prefixCount: 1 } }, at));
    expect(refused(cloud.disassociateSubnetCidr({ associationId: ipv6Cidr.id }, at)).code).toBe("DependencyViolation");
    must(cloud.deleteEni({ eniId: eni.id }, at));
    must(cloud.disassociateSubnetCidr({ associationId: ipv6Cidr.id }, at));
    expect(cloud.view.subnet(other.id)!.ipv6Cidr).toBeUndefined();
  });

  test("assigns an address to every new ENI when told so, and only a subnet with IPv6 can be told", () => {
    const { cloud, vpc, subnet } = anIpv6Subnet();
    must(cloud.modifySubnet({ subnetId: subnet.id, hasIpv6AddressOnCreation: true }, at));
    expect(must(cloud.createEni({ subnetId: subnet.id }, at)).ipv6Addresses).toHaveLength(1);
    expect(must(cloud.createEni({ subnetId: subnet.id, ipv6: { addressCount: 0 } }, at)).ipv6Addresses).toEqual([]);
    expect(primaryEni(cloud, launch(cloud, subnet.id).id).ipv6Addresses).toHaveLength(1);
    const plain = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.9.0/24") }, at));
    expect(refused(cloud.modifySubnet({ subnetId: plain.id, hasIpv6AddressOnCreation: true }, at)).code).toBe("InvalidParameterValue");
  });
});

test("groups let IPv6 out once their VPC has it, unless somebody has changed their outbound rules", () => {
  const cloud = aCloud();
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
  const group = (name: string) => must(cloud.createSecurityGroup({ vpcId: vpc.id, name, description: "a group" }, at));
  const out = (id: ReturnType<typeof group>["id"]): string[] =>
    cloud.view
      .securityGroup(id)!
      .rules.flatMap(({ direction, peer }) =>
        direction === "egress" && (peer.kind === "cidr4" || peer.kind === "cidr6") ? [formatCidrRange(peer.cidr)] : [],
      );
  const [before, changed] = [group("before"), group("changed")];
  const web = { protocol: "tcp", fromPort: 443, toPort: 443, peer: { kind: "cidr4", cidr: cidr4("10.0.0.0/8") } } as const;
  must(cloud.authorizeRules({ groupId: changed.id, direction: "egress", rules: [web] }, at));
  must(cloud.associateVpcIpv6Cidr({ vpcId: vpc.id }, at));
  must(cloud.associateVpcIpv6Cidr({ vpcId: vpc.id }, at));
  expect(out(before.id)).toEqual(["0.0.0.0/0", "::/0"]);
  expect(out(vpc.defaultGroupId)).toEqual(["0.0.0.0/0", "::/0"]);
  expect(out(changed.id)).toEqual(["0.0.0.0/0", "10.0.0.0/8"]);
  expect(out(group("after").id)).toEqual(["0.0.0.0/0", "::/0"]);
});

describe("IPv6 on an ENI", () => {
  test("addresses start after the four that AWS keeps; a /80 with one of those is never given", () => {
    const { cloud, subnet, range } = anIpv6Subnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id, ipv6: { addressCount: 2 } }, at));
    expect(eni.ipv6Addresses).toEqual([offsetIpv6(range.base, 4n), offsetIpv6(range.base, 5n)]);
    const { prefixes } = must(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { prefixCount: 1 } }, at));
    expect(prefixes.map(formatCidr6)).toEqual([formatCidr6({ base: offsetIpv6(range.base, 1n << 48n), length: 80 })]);
    expect(cloud.view.ownerOf(subnet.vpcId, offsetIpv6(prefixes[0]!.base, 77n))?.id).toBe(eni.id);
    const first = { base: range.base, length: 80 };
    expect(refused(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { prefixes: [first] } }, at)).code).toBe("InvalidIPAddress.InUse");
    const last = offsetIpv6(range.base, (1n << 64n) - 1n);
    expect(refused(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { addresses: [last] } }, at)).message).toContain("reserved");
  });

  test("has a limit of its own, in which a prefix counts like an address", () => {
    const { cloud, subnet } = anIpv6Subnet();
    const eni = primaryEni(cloud, launch(cloud, subnet.id, "t3.medium").id);
    must(cloud.assignAddresses({ eniId: eni.id, carry: { addressCount: 5 } }, at));
    must(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { addressCount: 5 } }, at));
    must(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { prefixCount: 1 } }, at));
    expect(refused(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { addressCount: 1 } }, at)).code).toBe("Ipv6AddressLimitExceeded");
  });

  test("is asked for in one way only, and prefixes only on Nitro", () => {
    const { cloud, subnet } = anIpv6Subnet();
    const both = cloud.createEni({ subnetId: subnet.id, ipv6: { addressCount: 1, prefixCount: 1 } }, at);
    expect(refused(both)).toMatchObject({
      code: "InvalidParameterValue",
      message: expect.stringContaining("can and can only specify one"),
    });
    const xen = primaryEni(cloud, launch(cloud, subnet.id, "t2.medium").id);
    expect(refused(cloud.assignIpv6Addresses({ eniId: xen.id, carry: { prefixCount: 1 } }, at)).code).toBe("InvalidParameterCombination");
    expect(refused(cloud.assignIpv6Addresses({ eniId: xen.id, carry: {} }, at)).code).toBe("MissingParameter");
  });

  test("is refused in a subnet without IPv6", () => {
    const cloud = aCloud();
    const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
    const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/24") }, at));
    expect(refused(cloud.createEni({ subnetId: subnet.id, ipv6: { addressCount: 1 } }, at)).message).toContain("IPv6 CIDR block");
  });

  test("goes as it came: what is not there, half a prefix, or the primary address is refused", () => {
    const { cloud, subnet } = anIpv6Subnet();
    const eni = must(cloud.createEni({ subnetId: subnet.id, ipv6: { addressCount: 2 }, hasPrimaryIpv6: true }, at));
    const [first, second] = eni.ipv6Addresses;
    const unassign = (...addresses: (typeof first & bigint)[]) => cloud.unassignIpv6Addresses({ eniId: eni.id, addresses }, at);
    expect(refused(unassign(first!)).message).toContain("primary IPv6 address");
    expect(refused(unassign(ipv6("2001:db8::1"))).message).toContain("not assigned");
    must(unassign(second!));
    expect(cloud.view.eni(eni.id)!.ipv6Addresses).toEqual([first]);
    const { prefixes } = must(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { prefixCount: 1 } }, at));
    const half = { ...prefixes[0]!, length: 81 };
    expect(refused(cloud.unassignIpv6Addresses({ eniId: eni.id, prefixes: [half] }, at)).code).toBe("InvalidParameterValue");
    must(cloud.unassignIpv6Addresses({ eniId: eni.id, prefixes }, at));
  });
});

test("prefixes come from a prefix reservation first, single addresses never, and nothing automatic from an explicit one", () => {
  const { cloud, subnet, range } = anIpv6Subnet();
  const reserved = { base: offsetIpv6(range.base, 1n << 60n), length: 72 };
  const explicit = { base: range.base, length: 96 };
  must(cloud.createCidrReservation({ subnetId: subnet.id, cidr: reserved, type: "prefix" }, at));
  const kept = must(cloud.createCidrReservation({ subnetId: subnet.id, cidr: explicit, type: "explicit" }, at));
  const overlap = cloud.createCidrReservation({ subnetId: subnet.id, cidr: { ...reserved, length: 80 }, type: "prefix" }, at);
  expect(refused(overlap).message).toContain("overlaps");
  const eni = must(cloud.createEni({ subnetId: subnet.id, ipv6: { addressCount: 1 } }, at));
  expect(eni.ipv6Addresses).toEqual([offsetIpv6(range.base, 1n << 32n)]);
  expect(must(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { prefixCount: 1 } }, at)).prefixes).toEqual([{ ...reserved, length: 80 }]);
  must(cloud.deleteCidrReservation({ reservationId: kept.id }, at));
  expect(must(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { addressCount: 1 } }, at)).addresses).toEqual([
    offsetIpv6(range.base, 4n),
  ]);
});
