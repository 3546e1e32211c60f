import { asId, cidr4, ipv4, type SubnetId, type VpcId } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { readAddress, readCidr } from "../src/index.ts";
import { aCloud, aSubnet, at, launch, must, refused } from "./a-cloud.ts";

const vpcOf = (cidr: string) => {
  const cloud = aCloud();
  return { cloud, vpcId: must(cloud.createVpc({ cidr: cidr4(cidr) }, at)).id };
};

describe("a new subnet", () => {
  test.each([
    ["outside the VPC", "10.1.0.0/24", "InvalidSubnet.Range", "The CIDR '10.1.0.0/24' is invalid."],
    ["larger than the VPC", "10.0.0.0/15", "InvalidSubnet.Range", "The CIDR '10.0.0.0/15' is invalid."],
    ["too small", "10.0.0.0/29", "InvalidSubnet.Range", "The CIDR '10.0.0.0/29' is invalid."],
    ["over another", "10.0.5.128/25", "InvalidSubnet.Conflict", "The CIDR '10.0.5.128/25' conflicts with another subnet"],
  ])("%s is refused", (_why, text, code, message) => {
    const { cloud, vpcId } = vpcOf("10.0.0.0/16");
    must(cloud.createSubnet({ vpcId, cidr: cidr4("10.0.5.0/24") }, at));
    expect(refused(cloud.createSubnet({ vpcId, cidr: cidr4(text) }, at))).toEqual({ code, message });
  });

  test("takes a zone by name or by id, the first one by default", () => {
    const { cloud, vpcId } = vpcOf("10.0.0.0/16");
    const zone = (cidr: string, wanted?: string) =>
      must(cloud.createSubnet({ vpcId, cidr: cidr4(cidr), ...(wanted === undefined ? {} : { zone: wanted }) }, at)).zone;
    expect([zone("10.0.0.0/24"), zone("10.0.1.0/24", "us-east-1b"), zone("10.0.2.0/24", "use1-az2")]).toEqual([
      "us-east-1a",
      "us-east-1b",
      "us-east-1b",
    ]);
    const fault = refused(cloud.createSubnet({ vpcId, cidr: cidr4("10.0.3.0/24"), zone: "us-east-1z" }, at));
    expect(fault).toEqual({
      code: "InvalidParameterValue",
      message:
        "Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b.",
    });
  });

  test("needs a VPC that exists, and the VPC waits for its subnets to go", () => {
    const { cloud, vpcId } = vpcOf("10.0.0.0/16");
    const absent = asId<VpcId>("vpc-00000000000000000");
    expect(refused(cloud.createSubnet({ vpcId: absent, cidr: cidr4("10.0.0.0/24") }, at)).message).toBe(
      `The vpc ID '${absent}' does not exist`,
    );
    const subnet = must(cloud.createSubnet({ vpcId, cidr: cidr4("10.0.0.0/24") }, at));
    expect(refused(cloud.deleteVpc({ vpcId }, at)).code).toBe("DependencyViolation");
    must(cloud.deleteSubnet({ subnetId: subnet.id }, at));
    must(cloud.deleteVpc({ vpcId }, at));
    expect(must(cloud.describeVpcs({}, at))).toEqual([]);
    expect(must(cloud.describeRouteTables({}, at))).toEqual([]);
    expect(must(cloud.describeSecurityGroups({}, at))).toEqual([]);
  });
});

test("the free count follows primary addresses, secondary addresses and prefixes", () => {
  const { cloud, subnet } = aSubnet("10.0.0.0/24");
  const free = () => must(cloud.describeSubnets({ ids: [subnet.id] }, at))[0]!.freeAddresses;
  expect(free()).toBe(251);
  const eni = must(cloud.createEni({ subnetId: subnet.id, carry: { addressCount: 4 } }, at));
  expect(free()).toBe(246);
  must(cloud.assignAddresses({ eniId: eni.id, carry: { prefixCount: 2 } }, at));
  expect(free()).toBe(214);
  must(cloud.unassignAddresses({ eniId: eni.id, addresses: eni.secondaryAddresses.slice(0, 1) }, at));
  expect(free()).toBe(215);
  must(cloud.deleteEni({ eniId: eni.id }, at));
  expect(free()).toBe(251);
  expect(cloud.view.subnetUsage(subnet.id)).toEqual({
    total: 256,
    reservedByAws: 5,
    held: 0,
    inPrefixes: 0,
    setAside: 0,
    free: 251,
    freePrefixes: 14,
  });
});

test("a subnet in use is not deleted, an unknown one neither", () => {
  const { cloud, subnet } = aSubnet();
  launch(cloud, subnet.id);
  expect(refused(cloud.deleteSubnet({ subnetId: subnet.id }, at)).code).toBe("DependencyViolation");
  const absent = asId<SubnetId>("subnet-0aaaaaaaaaaaaaaaa");
  expect(refused(cloud.deleteSubnet({ subnetId: absent }, at))).toEqual({
    code: "InvalidSubnetID.NotFound",
    message: `The subnet ID '${absent}' does not exist`,
  });
});

describe("a CIDR reservation", () => {
  test("must lie in the subnet and over no other", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24");
    const reserve = (cidr: string) => cloud.createCidrReservation({ subnetId: subnet.id, cidr: cidr4(cidr), type: "prefix" }, at);
    must(reserve("10.0.0.64/26"));
    expect(refused(reserve("10.0.1.0/28")).code).toBe("InvalidParameterValue");
    expect(refused(reserve("10.0.0.64/28")).code).toBe("InvalidParameterValue");
    expect(must(cloud.describeCidrReservations({ subnetId: subnet.id }, at))).toHaveLength(1);
  });

  test("of the whole subnet shows 0 free addresses, yet prefixes are still given", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24");
    const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
    must(cloud.createCidrReservation({ subnetId: subnet.id, cidr: cidr4("10.0.0.0/24"), type: "prefix" }, at));
    expect(cloud.view.subnet(subnet.id)?.freeAddresses).toBe(0);
    expect(must(cloud.assignAddresses({ eniId: eni.id, carry: { prefixCount: 3 } }, at)).prefixes).toHaveLength(3);
    expect(refused(cloud.assignAddresses({ eniId: eni.id, carry: { addressCount: 1 } }, at)).code).toBe(
      "InsufficientFreeAddressesInSubnet",
    );
  });

  test("lets a named address through, and keeps prefixes given from it after it is gone", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24");
    const made = must(
      cloud.createCidrReservation({ subnetId: subnet.id, cidr: cidr4("10.0.0.128/25"), type: "prefix", tags: { for: "pods" } }, at),
    );
    const eni = must(cloud.createEni({ subnetId: subnet.id, primaryAddress: ipv4("10.0.0.200"), carry: { prefixCount: 1 } }, at));
    must(cloud.deleteCidrReservation({ reservationId: made.id }, at));
    expect(cloud.view.eni(eni.id)?.prefixes).toEqual([cidr4("10.0.0.128/28")]);
    expect(cloud.view.subnet(subnet.id)?.freeAddresses).toBe(251 - 17);
    expect(refused(cloud.deleteCidrReservation({ reservationId: made.id }, at)).code).toBe("InvalidSubnetCidrReservationID.NotFound");
  });
});

test("text becomes addresses and ranges as EC2 reads it: host bits are cleared, nonsense is refused", () => {
  expect(must(readCidr("10.0.1.7/24", "cidrBlock"))).toEqual(cidr4("10.0.1.0/24"));
  expect(refused(readCidr("10.0.1/24", "cidrBlock")).message).toContain("parameter cidrBlock is invalid");
  expect(must(readAddress("10.0.1.7"))).toBe(ipv4("10.0.1.7"));
  expect(refused(readAddress("10.0.1.256")).code).toBe("InvalidParameterValue");
});
