import { cidr4, cidr6 } from "@slash28/address";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { recordCalls, replayCalls, type LoggedCall } from "../src/index.ts";
import { fromJson, toJson } from "../src/call-log/logged-call.ts";
import { aCloud, at, must, snapshot } from "./a-cloud.ts";

function recorded() {
  const log: LoggedCall[] = [];
  return { log, cloud: recordCalls(aCloud(), (call) => void log.push(call)) };
}

test("only what changed the cloud is told, and in order", () => {
  const { cloud, log } = recorded();
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16"), tags: { Name: "a" } }, { now: 7 }));
  cloud.createVpc({ cidr: cidr4("10.0.0.0/8") }, at);
  cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/24") }, { ...at, dryRun: true });
  must(cloud.describeVpcs({}, at));
  must(cloud.createTags({ resourceIds: [vpc.id], tags: { b: "c" } }, at));
  expect(log.map(({ action, now }) => [action, now])).toEqual([
    ["createVpc", 7],
    ["createTags", at.now],
  ]);
  expect(cloud.revision).toBe(2);
});

test("a log of other rules is refused with the call and the reason", () => {
  const { cloud, log } = recorded();
  must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
  expect(replayCalls(aCloud({ quotas: { vpcs: 0 } }), log)).toMatchObject({
    index: 0,
    action: "createVpc",
    reason: expect.stringContaining("VpcLimitExceeded"),
  });
  expect(replayCalls(aCloud(), [{ action: "noSuchCall" as never, now: 0, input: {} }])).toEqual({
    index: 0,
    action: "noSuchCall",
    reason: "there is no such call in this version",
  });
});

test("a cloud with IPv6, gateways, trunks, changed rules and a raised quota comes back as it was", () => {
  const { cloud, log } = recorded();
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16"), hasIpv6: true }, at));
  const ipv6Cidr = { ...vpc.ipv6Cidrs[0]!.cidr, length: 64 };
  const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/24"), ipv6Cidr }, at));
  const eni = must(cloud.createEni({ subnetId: subnet.id, ipv6: { addressCount: 2 } }, at));
  must(cloud.assignIpv6Addresses({ eniId: eni.id, carry: { prefixCount: 1 } }, at));
  must(cloud.unassignIpv6Addresses({ eniId: eni.id, addresses: [eni.ipv6Addresses[1]!] }, at));
  must(cloud.raiseQuota({ quota: "elasticAddresses", value: 9 }, at));
  const gateway = must(cloud.createInternetGateway({}, at));
  must(cloud.attachInternetGateway({ gatewayId: gateway.id, vpcId: vpc.id }, at));
  const elastic = must(cloud.allocateAddress({}, at));
  const nat = must(cloud.createNatGateway({ subnetId: subnet.id, addressId: elastic.id }, at));
  const target = { kind: "nat-gateway", natGatewayId: nat.id } as const;
  must(cloud.createRoute({ routeTableId: vpc.mainRouteTableId, destination: cidr4("0.0.0.0/0"), target }, at));
  const { id } = must(cloud.createEgressOnlyGateway({ vpcId: vpc.id }, at));
  const wayOut = { kind: "egress-only-gateway", gatewayId: id } as const;
  must(cloud.createRoute({ routeTableId: vpc.mainRouteTableId, destination: cidr6("::/0"), target: wayOut }, at));
  const trunk = must(cloud.createEni({ subnetId: subnet.id, kind: "trunk" }, at));
  must(cloud.associateTrunk({ trunkId: trunk.id, branchId: eni.id, vlanId: 3 }, at));
  const rule = cloud.view.securityGroup(vpc.defaultGroupId)!.rules.find(({ direction }) => direction === "ingress")!;
  const described = { groupId: vpc.defaultGroupId, direction: "ingress", specs: [] } as const;
  must(cloud.changeRuleDescriptions({ ...described, byId: [{ ruleId: rule.id, description: "members" }] }, at));
  const again = aCloud();
  expect(replayCalls(again, JSON.parse(JSON.stringify(log)) as LoggedCall[])).toBeUndefined();
  expect(snapshot(again)).toBe(snapshot(cloud));
});

test("whatever is watched of the cloud beneath is watched of the recorded one", () => {
  const { cloud } = recorded();
  const seen: string[] = [];
  cloud.subscribe(({ action }) => void seen.push(action));
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
  expect(seen).toEqual(["createVpc"]);
  expect(cloud.view.vpc(vpc.id)?.id).toBe(vpc.id);
  expect(snapshot(cloud)).toContain(vpc.id);
});

test("parameters come through JSON as they were, bigints too", () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.bigInt(),
      fc.constant(null),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((name) => name !== "__proto__" && name !== "$bigint"),
        tie("any"),
        { maxKeys: 4 },
      ),
    ),
  })).any;
  fc.assert(
    fc.property(value, (input) => {
      expect(fromJson(JSON.parse(JSON.stringify(toJson(input))))).toEqual(input);
    }),
  );
});
