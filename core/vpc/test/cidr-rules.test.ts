import { cidr4, cidr4Of, formatCidr4, formatCidrRange, ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { aCloud, at, must, refused } from "./a-cloud.ts";

describe("a VPC's first block", () => {
  test.each(["10.0.0.0/16", "10.255.255.240/28", "172.17.0.0/16", "192.168.0.0/16", "100.64.0.0/16", "198.19.0.0/16", "54.0.0.0/20"])(
    "%s is allowed",
    (text) => expect(must(aCloud().createVpc({ cidr: cidr4(text) }, at)).cidrs.map(({ cidr }) => formatCidr4(cidr))).toEqual([text]),
  );
  test.each([
    "10.0.0.0/15",
    "100.64.0.0/10",
    "10.0.0.0/29",
    "169.254.0.0/16",
    "127.0.0.0/16",
    "0.0.0.0/16",
    "224.0.0.0/16",
    "255.0.0.0/16",
  ])("%s is not", (text) =>
    expect(refused(aCloud().createVpc({ cidr: cidr4(text) }, at))).toEqual({
      code: "InvalidVpc.Range",
      message: `The CIDR '${text}' is invalid.`,
    }),
  );
});

/** AWS, "VPC CIDR blocks": IPv4 CIDR block association restrictions, a row per family. */
describe("a further block", () => {
  test.each([
    ["10.2.0.0/16", "10.3.0.0/16", true],
    ["10.2.0.0/16", "10.0.0.0/16", true],
    ["10.0.0.0/20", "10.0.16.0/20", false],
    ["10.1.0.0/16", "10.0.0.0/16", false],
    ["10.0.0.0/20", "10.1.0.0/16", true],
    ["10.0.0.0/16", "172.16.0.0/16", false],
    ["10.0.0.0/16", "192.168.0.0/16", false],
    ["10.0.0.0/16", "198.19.0.0/16", false],
    ["10.0.0.0/16", "198.18.0.0/16", true],
    ["10.0.0.0/16", "100.64.0.0/16", true],
    ["10.0.0.0/16", "100.64.0.0/10", false],
    ["10.0.0.0/16", "169.254.0.0/16", false],
    ["172.16.0.0/16", "172.20.0.0/16", true],
    ["172.16.0.0/16", "172.31.0.0/16", false],
    ["172.16.0.0/16", "172.31.16.0/20", false],
    ["172.16.0.0/16", "10.0.0.0/16", false],
    ["172.16.0.0/16", "192.168.0.0/16", false],
    ["172.16.0.0/16", "198.19.0.0/16", false],
    ["172.16.0.0/16", "100.65.0.0/16", true],
    ["192.168.0.0/20", "192.168.16.0/20", true],
    ["192.168.0.0/20", "10.0.0.0/16", false],
    ["192.168.0.0/20", "172.16.0.0/16", false],
    ["192.168.0.0/20", "198.19.0.0/16", false],
    ["192.168.0.0/20", "100.64.0.0/16", true],
    ["198.19.0.0/20", "10.0.0.0/16", false],
    ["198.19.0.0/20", "192.168.0.0/16", false],
    ["198.19.0.0/20", "100.64.0.0/16", true],
    ["100.64.0.0/16", "10.0.0.0/16", false],
    ["100.64.0.0/16", "198.19.0.0/16", false],
    ["100.64.0.0/16", "100.65.0.0/16", true],
    ["100.64.0.0/16", "54.0.0.0/16", true],
    ["10.2.0.0/16", "10.2.128.0/17", false],
  ])("in a VPC of %s, %s: %s", (primary, further, isAllowed) => {
    const cloud = aCloud();
    const vpc = must(cloud.createVpc({ cidr: cidr4(primary) }, at));
    const result = cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4(further) }, at);
    if (isAllowed) expect(must(result).vpc.cidrs).toHaveLength(2);
    else expect(refused(result).code).toBe("InvalidVpc.Range");
  });

  test("the refusal of another private range names the block and says restricted", () => {
    const cloud = aCloud();
    const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
    expect(refused(cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4("192.168.0.0/16") }, at)).message).toMatch(
      /^The CIDR '192\.168\.0\.0\/16' is restricted\. /,
    );
  });

  test("the sixth is one too many", () => {
    const cloud = aCloud();
    const vpc = must(cloud.createVpc({ cidr: cidr4("10.2.0.0/16") }, at));
    for (let i = 3; i < 7; i++) must(cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4Of(ipv4(`10.${i}.0.0`), 16) }, at));
    expect(refused(cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4("10.7.0.0/16") }, at))).toEqual({
      code: "CidrLimitExceeded",
      message: `This network '${vpc.id}' has met its maximum number of allowed CIDRs: 5`,
    });
  });

  test("it may not swallow the destination of a route", () => {
    const cloud = aCloud();
    const vpc = must(cloud.createVpc({ cidr: cidr4("10.2.0.0/16") }, at));
    const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.2.0.0/24") }, at));
    const eni = must(cloud.createEni({ subnetId: subnet.id }, at));
    must(
      cloud.createRoute(
        { routeTableId: vpc.mainRouteTableId, destination: cidr4("10.9.4.0/24"), target: { kind: "eni", eniId: eni.id } },
        at,
      ),
    );
    expect(refused(cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4("10.9.0.0/16") }, at)).code).toBe("InvalidVpc.Range");
    must(cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4("10.9.4.0/25") }, at));
  });
});

describe("taking a block away", () => {
  test("the primary block stays", () => {
    const cloud = aCloud();
    const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
    const [primary] = vpc.cidrs;
    expect(refused(cloud.disassociateVpcCidr({ associationId: primary!.id }, at)).code).toBe("OperationNotPermitted");
  });

  test("a block with a subnet stays until the subnet is gone; its local route comes and goes with it", () => {
    const cloud = aCloud();
    const vpc = must(cloud.createVpc({ cidr: cidr4("10.2.0.0/16") }, at));
    const locals = () =>
      must(cloud.describeRouteTables({ ids: [vpc.mainRouteTableId] }, at))[0]!.routes.map(({ destination }) =>
        formatCidrRange(destination),
      );
    const { association } = must(cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4("100.64.0.0/16") }, at));
    const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("100.64.0.0/20") }, at));
    expect(locals()).toEqual(["10.2.0.0/16", "100.64.0.0/16"]);
    expect(refused(cloud.disassociateVpcCidr({ associationId: association.id }, at)).code).toBe("DependencyViolation");
    must(cloud.deleteSubnet({ subnetId: subnet.id }, at));
    must(cloud.disassociateVpcCidr({ associationId: association.id }, at));
    expect(locals()).toEqual(["10.2.0.0/16"]);
    expect(refused(cloud.disassociateVpcCidr({ associationId: association.id }, at)).code).toBe("InvalidCidrBlockAssociationID.NotFound");
  });
});
