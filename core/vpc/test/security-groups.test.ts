import { asId, cidr4, cidr4Of, cidr6, ipv4, type SecurityGroupId } from "@slash28/address";
import { describe, expect, test } from "vitest";
import type { RuleSpec } from "../src/index.ts";
import { aSubnet, at, must, refused } from "./a-cloud.ts";

const web: RuleSpec = { protocol: "tcp", fromPort: 80, toPort: 80, peer: { kind: "cidr4", cidr: cidr4("0.0.0.0/0") } };

function aGroup() {
  const world = aSubnet();
  const group = must(world.cloud.createSecurityGroup({ vpcId: world.vpc.id, name: "web", description: "web servers" }, at));
  const authorize = (...rules: RuleSpec[]) => world.cloud.authorizeRules({ groupId: group.id, direction: "ingress", rules }, at);
  return { ...world, group, authorize };
}

test("a VPC's default group lets its members in and everything out; it cannot be deleted", () => {
  const { cloud, vpc } = aSubnet();
  const [group] = must(cloud.describeSecurityGroups({}, at));
  expect(group).toMatchObject({ id: vpc.defaultGroupId, name: "default", description: "default VPC security group" });
  expect(group?.rules.map(({ direction, protocol, peer }) => [direction, protocol, peer])).toEqual([
    ["ingress", "-1", { kind: "group", groupId: vpc.defaultGroupId }],
    ["egress", "-1", { kind: "cidr4", cidr: cidr4("0.0.0.0/0") }],
  ]);
  expect(refused(cloud.deleteSecurityGroup({ groupId: vpc.defaultGroupId }, at)).code).toBe("CannotDelete");
});

describe("a new group", () => {
  test("lets everything out", () => expect(aGroup().group.rules.map(({ direction }) => direction)).toEqual(["egress"]));

  test.each([
    ["web", "again", "InvalidGroup.Duplicate"],
    ["default", "d", "InvalidParameterValue"],
    ["sg-mine", "d", "InvalidParameterValue"],
    ["", "d", "MissingParameter"],
    ["name", "", "MissingParameter"],
    ["näme", "d", "InvalidParameterValue"],
    ["n".repeat(256), "d", "InvalidParameterValue"],
  ])("named '%s' and described '%s' is refused: %s", (name, description, code) => {
    const { cloud, vpc } = aGroup();
    expect(refused(cloud.createSecurityGroup({ vpcId: vpc.id, name, description }, at)).code).toBe(code);
  });
});

describe("rules", () => {
  test("are kept as EC2 shows them: protocols by name, no ports where there are none", () => {
    const { authorize } = aGroup();
    const peer = web.peer;
    const made = must(
      authorize(
        { protocol: "6", fromPort: 1, toPort: 2, peer },
        { protocol: "-1", fromPort: 1, toPort: 2, peer },
        { protocol: "icmp", peer },
        { protocol: "50", peer },
      ),
    );
    expect(made.map(({ protocol, fromPort, toPort }) => [protocol, fromPort, toPort])).toEqual([
      ["tcp", 1, 2],
      ["-1", undefined, undefined],
      ["icmp", -1, -1],
      ["50", undefined, undefined],
    ]);
    expect(made.every(({ id }) => /^sgr-0[0-9a-f]{16}$/.test(id))).toBe(true);
  });

  test.each<[string, Partial<RuleSpec>, string]>([
    ["an unknown protocol", { protocol: "quic" }, "InvalidParameterValue"],
    ["a protocol number too high", { protocol: "256" }, "InvalidParameterValue"],
    ["ports the wrong way round", { fromPort: 90, toPort: 80 }, "InvalidParameterValue"],
    ["a port too high", { toPort: 65_536 }, "InvalidParameterValue"],
    ["a description too long", { description: "x".repeat(256) }, "InvalidParameterValue"],
    ["a group that is not there", { peer: { kind: "group", groupId: asId<SecurityGroupId>("sg-0") } }, "InvalidGroup.NotFound"],
    ["what is there already", { description: "again" }, "InvalidPermission.Duplicate"],
  ])("with %s are refused, together with what comes with them", (_what, part, code) => {
    const { cloud, group, authorize } = aGroup();
    must(authorize(web));
    expect(refused(authorize({ ...web, fromPort: 79, toPort: 79 }, { ...web, ...part })).code).toBe(code);
    expect(cloud.view.securityGroup(group.id)?.rules).toHaveLength(2);
  });

  test("without ports for TCP, or none at all, are refused", () => {
    const { authorize } = aGroup();
    expect(refused(authorize({ protocol: "tcp", peer: web.peer })).code).toBe("InvalidParameterValue");
    expect(refused(authorize()).code).toBe("MissingParameter");
  });

  test("are at most sixty a direction, IPv4 and IPv6 apart, groups in both", () => {
    const { group, authorize } = aGroup();
    const from = (i: number): RuleSpec => ({ ...web, peer: { kind: "cidr4", cidr: cidr4Of(ipv4(`10.0.${i}.0`), 24) } });
    must(authorize(...Array.from({ length: 59 }, (_, i) => from(i))));
    must(authorize({ ...web, peer: { kind: "cidr6", cidr: cidr6("::/0") } }));
    must(authorize({ ...web, peer: { kind: "group", groupId: group.id } }));
    expect(refused(authorize(from(60))).code).toBe("RulesPerSecurityGroupLimitExceeded");
    must(authorize({ ...web, peer: { kind: "cidr6", cidr: cidr6("2001:db8::/32") } }));
  });

  test("go by what they say or by id; one that is not there is told", () => {
    const { cloud, group, authorize } = aGroup();
    const [rule, other] = must(authorize(web, { ...web, fromPort: 443, toPort: 443, description: "tls" }));
    const revoke = (gone: object) => cloud.revokeRules({ groupId: group.id, direction: "ingress", ...gone }, at);
    expect(must(revoke({ rules: [web] }))).toEqual([rule]);
    expect(refused(revoke({ rules: [web] })).code).toBe("InvalidPermission.NotFound");
    expect(must(revoke({ ruleIds: [other!.id] }))).toEqual([other]);
    expect(refused(revoke({ ruleIds: [other!.id] })).code).toBe("InvalidSecurityGroupRuleId.NotFound");
    expect(refused(revoke({})).code).toBe("MissingParameter");
  });
});

test("a group in use by an ENI or named by another group's rule is not deleted", () => {
  const { cloud, vpc, subnet, group } = aGroup();
  const eni = must(cloud.createEni({ subnetId: subnet.id, groups: [group.id] }, at));
  const gone = () => cloud.deleteSecurityGroup({ groupId: group.id }, at);
  expect(refused(gone())).toEqual({ code: "DependencyViolation", message: `resource ${group.id} has a dependent object` });
  must(cloud.deleteEni({ eniId: eni.id }, at));
  const other = must(cloud.createSecurityGroup({ vpcId: vpc.id, name: "db", description: "db" }, at));
  const rules: RuleSpec[] = [{ ...web, peer: { kind: "group", groupId: group.id } }];
  must(cloud.authorizeRules({ groupId: other.id, direction: "ingress", rules }, at));
  expect(refused(gone()).code).toBe("DependencyViolation");
  must(cloud.revokeRules({ groupId: other.id, direction: "ingress", rules }, at));
  must(gone());
  expect(refused(gone())).toEqual({ code: "InvalidGroup.NotFound", message: `The security group '${group.id}' does not exist` });
});
