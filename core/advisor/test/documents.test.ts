import { diagnose, missing, snapshotOf } from "@slash28/advisor";
import { cidr4, ipv4 } from "@slash28/address";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { DOCUMENTS } from "./saved-documents.ts";

describe("saved documents become a snapshot", () => {
  const { snapshot, notices } = snapshotOf(DOCUMENTS);

  test("nodes and pods", () => {
    expect(snapshot.nodes).toEqual([
      expect.objectContaining({
        name: "ip-10-0-1-10.ec2.internal",
        zone: "us-east-1a",
        instanceType: "m5.large",
        instanceId: "i-0123456789abcdef0",
        maxPods: 29,
        branchPods: 9,
        isReady: true,
        isCordoned: false,
        isFargate: false,
        address: ipv4("10.0.1.10"),
        nodeGroup: "workers",
      }),
    ]);
    expect(snapshot.pods).toEqual([
      expect.objectContaining({
        namespace: "shop",
        name: "web-1",
        serviceAccount: "default",
        phase: "Running",
        isReady: true,
        addresses: [ipv4("10.0.1.21")],
        owner: { kind: "ReplicaSet", name: "web" },
        isOnHostNetwork: false,
        wantsBranchEni: false,
      }),
    ]);
  });

  test("the agent's environment, without what is no plain value", () => {
    expect(snapshot.daemonSets?.[0]?.containers[0]?.env).toEqual({ WARM_ENI_TARGET: "1" });
  });

  test("an empty list is of what its file is named after; what is in no document is not known", () => {
    expect(snapshot.eniConfigs).toEqual([]);
    expect(snapshot.ingresses).toBeUndefined();
    expect(snapshotOf([{ name: "x.json", value: { kind: "List", items: [] } }]).notices[0]?.message).toMatch(
      /empty list does not say of what/,
    );
    expect(snapshotOf([{ name: "x.json", value: { kind: "ENIConfigList", apiVersion: "v1", items: [] } }]).snapshot).toEqual({
      eniConfigs: [],
    });
  });

  test("several kinds in one document", () => {
    expect(snapshot.securityGroupPolicies?.[0]).toMatchObject({ namespace: "shop", name: "db", groupIds: ["sg-0aaaaaaaaaaaaaaa2"] });
    expect(snapshot.serviceAccounts).toHaveLength(1);
    expect(snapshot.events?.[0]).toMatchObject({
      reason: "FailedCreatePodSandBox",
      count: 7,
      about: { kind: "Pod", namespace: "shop", name: "web-1" },
    });
  });

  test("what EC2 and EKS answer", () => {
    expect(snapshot.subnets?.[0]).toMatchObject({
      id: "subnet-0aaaaaaaaaaaaaaa1",
      free: 200,
      cidr: cidr4("10.0.1.0/24"),
      tags: { Name: "a" },
    });
    expect(snapshot.enis?.[0]).toMatchObject({
      instanceId: "i-0123456789abcdef0",
      deviceIndex: 0,
      primaryAddress: ipv4("10.0.1.10"),
      addresses: [ipv4("10.0.1.21")],
      prefixes: [cidr4("10.0.1.32/28")],
    });
    expect(snapshot.instances?.[0]).toMatchObject({ metadata: { isOn: true, isTokenRequired: true, hopLimit: 2 } });
    expect(snapshot.quotas).toEqual([{ code: "L-DF5E4CA3", name: "Network interfaces per Region", value: 5000 }]);
    expect(snapshot.cluster).toMatchObject({ name: "prod", ipFamily: "ipv4", clusterGroupId: "sg-0aaaaaaaaaaaaaaa1" });
    expect(snapshot.addons?.[0]).toMatchObject({ name: "vpc-cni", version: "v1.21.1-eksbuild.1" });
    expect(snapshot.roles).toEqual([{ name: "node-role", attached: ["AmazonEKS_CNI_Policy"], documents: [] }]);
  });

  test("texts: the filter table's policy and not mangle's, signs of a log counted", () => {
    expect(snapshot.firewalls).toEqual([{ source: "node-1/iptables.txt", forwardPolicy: "accept" }]);
    expect(snapshot.logSigns).toEqual([expect.objectContaining({ sign: "InsufficientFreeAddressesInSubnet", lines: 2 })]);
    expect(snapshot.pools?.[0]?.pool.blocks[0]).toMatchObject({ cidr: "10.0.1.21/32", held: [{ pod: "shop/web-1" }] });
  });

  test("what no finding depends on is told, and nothing else", () => {
    expect(notices).toEqual([{ document: "b.json", message: "1 of kind Deployment passed over: no finding depends on them" }]);
  });
});

test.each([
  ["iptables -S", "-P INPUT ACCEPT\n-P FORWARD DROP\n", "drop"],
  ["iptables -L", "Chain FORWARD (policy DROP)\n", "drop"],
  ["nft list ruleset", "table ip filter {\n chain FORWARD {\n  type filter hook forward priority filter; policy drop;\n }\n}\n", "drop"],
  ["nft list ruleset, let through", "  type filter hook forward priority filter; policy accept;\n", "accept"],
])("the forward policy as %s shows it", (_, text, forwardPolicy) => {
  expect(snapshotOf([{ name: "node", value: text }]).snapshot.firewalls).toEqual([{ source: "node", forwardPolicy }]);
});

test("the forward policy in nft's JSON", () => {
  const value = { nftables: [{ metainfo: {} }, { chain: { hook: "forward", policy: "drop" } }] };
  expect(snapshotOf([{ name: "node", value }]).snapshot.firewalls).toEqual([{ source: "node", forwardPolicy: "drop" }]);
});

test("an item that is not as it should be is passed over and told, the others are read", () => {
  const good = DOCUMENTS.find(({ name }) => name === "c.json")?.value as { Subnets: object[] };
  const read = snapshotOf([{ name: "subnets.json", value: { Subnets: [...good.Subnets, { SubnetId: 5 }] } }]);
  expect(read.snapshot.subnets).toHaveLength(1);
  expect(read.notices).toEqual([
    { document: "subnets.json", message: expect.stringMatching(/^1 of 2 Subnets passed over: SubnetId: /) as string },
  ]);
});

test("a document that nothing is known of is told", () => {
  expect(snapshotOf([{ name: "x.json", value: { Buckets: [] } }]).notices).toEqual([
    { document: "x.json", message: "nothing in it is known (it has Buckets)" },
  ]);
  expect(snapshotOf([{ name: "x.json", value: 7 }]).notices[0]?.message).toMatch(/neither an object nor a text/);
});

test("the later of two documents about one object holds", () => {
  const [first] = DOCUMENTS.filter(({ name }) => name === "c.json");
  const later = {
    Subnets: [
      { SubnetId: "subnet-0aaaaaaaaaaaaaaa1", AvailabilityZone: "us-east-1a", CidrBlock: "10.0.1.0/24", AvailableIpAddressCount: 3 },
    ],
  };
  expect(snapshotOf([first!, { name: "later.json", value: later }]).snapshot.subnets).toMatchObject([{ free: 3 }]);
});

test("a role in an account's details has its inline policies and the managed ones that are there", () => {
  const Document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "ec2:*", Resource: "*" }] };
  const value = {
    RoleDetailList: [
      {
        RoleName: "r",
        AttachedManagedPolicies: [{ PolicyName: "mine" }],
        RolePolicyList: [{ PolicyName: "inline", PolicyDocument: Document }],
      },
    ],
    Policies: [{ PolicyName: "mine", PolicyVersionList: [{ IsDefaultVersion: true, Document }] }],
  };
  const { snapshot } = snapshotOf([{ name: "iam.json", value }]);
  expect(snapshot.roles).toMatchObject([{ name: "r", attached: ["mine"], documents: [{ name: "inline" }, { name: "mine" }] }]);
});

test("what is missing is named with the findings it hides and the command that gives it", () => {
  const { snapshot } = snapshotOf(DOCUMENTS.filter(({ name }) => name !== "c.json"));
  const subnets = missing(snapshot).find(({ part }) => part === "subnets");
  expect(subnets?.command).toBe("aws ec2 describe-subnets --output json");
  expect(subnets?.hides).toContain("subnet-full");
  expect(missing(snapshot).map(({ part }) => part)).not.toContain("nodes");
  const nothing = missing({});
  expect(nothing.find(({ part }) => part === "nodes")?.command).toBe("kubectl get nodes -o json");
});

/** Documents of the right outside and any inside: what a damaged file holds. */
const damaged = fc.oneof(
  fc.anything({ withNullPrototype: false }),
  fc.record({
    apiVersion: fc.constant("v1"),
    kind: fc.constantFrom("Node", "Pod", "ENIConfig", "Ingress", "List", "PodList"),
    items: fc.anything(),
  }),
  fc.constantFrom(...DOCUMENTS.map(({ value }) => value)).chain((value) => fc.jsonValue().map((junk) => spoiled(value, junk))),
);

function spoiled(value: unknown, junk: unknown): unknown {
  if (typeof value !== "object" || value === null) return junk;
  if (Array.isArray(value)) return value.map((each, at) => (at === 0 ? spoiled(each, junk) : (each as unknown)));
  const keys = Object.keys(value);
  const at = keys[JSON.stringify(junk).length % Math.max(1, keys.length)];
  return at === undefined ? junk : { ...value, [at]: spoiled((value as Record<string, unknown>)[at], junk) };
}

property.prop([fc.array(fc.record({ name: fc.string(), value: damaged }), { maxLength: 6 })])("no documents make it throw", (documents) => {
  const { snapshot, notices } = snapshotOf(documents);
  const diagnosis = diagnose(snapshot, notices);
  expect(Array.isArray(diagnosis.findings)).toBe(true);
});
