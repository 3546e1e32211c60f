import { cidr4Contains, cidr4Overlaps, parseCidr4, parseIpv4, type Cidr4 } from "@slash28/address";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { SnapshotDocument } from "../src/snapshot/documents.ts";
import { addressPseudonyms, text4 } from "../src/snapshot/redact/addresses.ts";
import { pseudonymsOf } from "../src/snapshot/redact/pseudonyms.ts";
import { redactDocuments } from "../src/snapshot/redact/redact-documents.ts";

const pseudonyms = pseudonymsOf(new Uint8Array(32).fill(7));
const range = (text: string): Cidr4 => {
  const parsed = parseCidr4(text);
  if (parsed === undefined) throw new TypeError(text);
  return parsed;
};
const SUBNETS = ["10.0.0.0/20", "10.0.16.0/24", "100.64.0.0/19"].map(range);
const addresses = addressPseudonyms(pseudonyms, SUBNETS);
const under = (text: string): string => text4(text, addresses);
const text = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
const anAddress = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((value) => text(value >>> 0));
const aRange = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 8, max: 28 }))
  .map(([value, length]) => `${text(length === 0 ? 0 : ((value >>> (32 - length)) << (32 - length)) >>> 0)}/${length}`);
const commonBits = (a: string, b: string): number => {
  const [x, y] = [parseIpv4(a) ?? 0, parseIpv4(b) ?? 0];
  return x === y ? 32 : Math.clz32((x ^ y) >>> 0);
};

describe("addresses under other numbers", () => {
  property.prop([anAddress, anAddress])("share as many of their first bits as before, so none becomes another's", (a, b) => {
    expect(commonBits(under(a), under(b))).toBe(commonBits(a, b));
  });

  property.prop([aRange, aRange])("ranges overlap and contain as before", (a, b) => {
    const [x, y] = [range(under(a)), range(under(b))];
    expect([cidr4Overlaps(x, y), cidr4Contains(x, y), x.length]).toEqual([
      cidr4Overlaps(range(a), range(b)),
      cidr4Contains(range(a), range(b)),
      range(a).length,
    ]);
  });

  property.prop([fc.constantFrom(...SUBNETS), fc.nat(2 ** 13 - 1)])("an address keeps its place in its subnet", (subnet, step) => {
    const size = 2 ** (32 - subnet.length);
    const place = step % size;
    const told = range(under(`${text(subnet.base)}/${subnet.length}`));
    expect(parseIpv4(under(text((subnet.base + place) >>> 0)))).toBe(told.base + place);
  });

  test.each([
    ["10.0.0.0/16", /^10\.\d+\.0\.0\/16$/],
    ["100.64.3.4", /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./],
    ["192.168.7.0/24", /^192\.168\.\d+\.0\/24$/],
    ["172.20.0.10", /^172\.(1[6-9]|2\d|3[01])\./],
    ["54.1.2.3", /^54\./],
    ["172.99.1.1", /^172\.99\./],
  ])("%s stays of its kind", (address, kind) => {
    expect(under(address)).toMatch(kind);
    expect(under(address)).not.toBe(address);
  });

  test.each(["0.0.0.0/0", "169.254.169.254", "169.254.20.10", "127.0.0.1", "no address"])("%s is everybody's and stays", (address) => {
    expect(under(address)).toBe(address);
  });

  test("of IPv6, a /64 keeps what is in it, and special addresses stay", () => {
    const text6 = (text: string): string => addresses.text6(text);
    expect(text6("2001:db8:1:2::5:6")).toMatch(/^[23][0-9a-f]{3}:.*::5:6$/);
    expect(text6("2001:db8:1:2::/64").split("::")[0]).toBe(text6("2001:db8:1:2::5").split("::")[0]);
    expect(["::/0", "fe80::1", "fd00:ec2::253"].map(text6)).toEqual(["::/0", "fe80::1", "fd00:ec2::253"]);
  });
});

const node = {
  kind: "Node",
  metadata: {
    name: "ip-10-0-1-7.ec2.internal",
    labels: { "topology.kubernetes.io/zone": "us-east-1a", team: "payments", "eks.amazonaws.com/nodegroup": "payments-blue" },
  },
  spec: { providerID: "aws:///us-east-1a/i-0123456789abcdef0" },
  status: { capacity: { pods: "29" }, addresses: [{ type: "InternalIP", address: "10.0.1.7" }] },
};
const event = {
  kind: "Event",
  metadata: { name: "ledger-0.1", namespace: "payments" },
  involvedObject: { kind: "Pod", name: "ledger-0", namespace: "payments" },
  reason: "FailedCreatePodSandBox",
  message:
    'Failed to create pod sandbox: plugin type="aws-cni" name="aws-cni" failed (add): pod payments/ledger-0 on 10.0.1.7: subnet-0123456789abcdef0 has no free address',
};
const pod = {
  kind: "Pod",
  metadata: { name: "ledger-0", namespace: "payments", labels: { app: "ledger" } },
  spec: {
    nodeName: "ip-10-0-1-7.ec2.internal",
    containers: [{ name: "ledger", image: "registry.bank.example/ledger:1", env: [{ name: "DB_OF_BANK" }, { name: "AWS_ROLE_ARN" }] }],
  },
  status: { phase: "Pending" },
};
const policy = {
  kind: "SecurityGroupPolicy",
  metadata: { name: "p", namespace: "payments" },
  spec: { podSelector: { matchLabels: { app: "ledger" } } },
};
const list = (items: readonly unknown[]): { kind: string; items: readonly unknown[] } => ({ kind: "List", items });
const documents: readonly SnapshotDocument[] = [
  { file: "nodes.json", from: "kubectl get nodes -o json", json: list([node]) },
  { file: "pods.json", from: "kubectl get pods -A -o json", json: list([pod, event, policy]) },
  {
    file: "iam-list-attached-role-policies.bank-node.json",
    from: "aws iam list-attached-role-policies --role-name bank-node",
    json: {
      RoleName: "bank-node",
      AttachedPolicies: [
        { PolicyName: "AmazonEKS_CNI_Policy", PolicyArn: "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy" },
        { PolicyName: "bank-own", PolicyArn: "arn:aws:iam::210987654321:policy/bank/bank-own" },
      ],
    },
  },
  {
    file: "subnets.json",
    from: "aws ec2 describe-subnets",
    json: { Subnets: [{ SubnetId: "subnet-0123456789abcdef0", CidrBlock: "10.0.0.0/20", AvailableIpAddressCount: 17 }] },
  },
];

describe("a redacted snapshot", () => {
  const { documents: told, cluster } = redactDocuments({ documents, unread: [], cluster: "bank-prod" }, pseudonyms);
  const all = JSON.stringify([told, cluster]);
  const items = (file: number): readonly Record<string, never>[] => told[file]?.json["items"] as readonly Record<string, never>[];

  test.each(["ledger", "payments", "bank", "10.0.1.7", "10-0-1-7", "0123456789abcdef0", "210987654321", "DB_OF", "team"])(
    "does not tell %s",
    (secret) => {
      expect(all).not.toContain(secret);
    },
  );

  test.each([
    "us-east-1a",
    '"29"',
    "AmazonEKS_CNI_Policy",
    "AWS_ROLE_ARN",
    "FailedCreatePodSandBox",
    "has no free address",
    "Pending",
    "/20",
    "17",
  ])("still tells %s", (fact) => {
    expect(all).toContain(fact);
  });

  test("calls the same thing the same everywhere: pod, event and message, node, role and its ARN, labels and selectors", () => {
    const [one] = items(0);
    const [ofPod, ofEvent, ofPolicy] = items(1) as unknown as readonly [typeof pod, typeof event, typeof policy];
    const seen = one as unknown as typeof node;
    expect(ofEvent.involvedObject.name).toBe(ofPod.metadata.name);
    expect(ofEvent.message).toContain(`pod ${ofPod.metadata.namespace}/${ofPod.metadata.name} on ${seen.status.addresses[0]?.address}`);
    expect(ofPod.spec.nodeName).toBe(seen.metadata.name);
    expect(seen.metadata.name).toBe(`ip-${seen.status.addresses[0]?.address.replaceAll(".", "-")}.ec2.internal`);
    expect(ofPolicy.spec.podSelector.matchLabels).toEqual(ofPod.metadata.labels);
    const role = told[2]?.json as { RoleName: string; AttachedPolicies: { PolicyName: string; PolicyArn: string }[] };
    expect(told[2]?.file).toBe(`iam-list-attached-role-policies.${role.RoleName}.json`);
    expect(role.AttachedPolicies[1]?.PolicyArn).toMatch(
      new RegExp(`^arn:aws:iam::\\d{12}:policy/n-[0-9a-f]+/${role.AttachedPolicies[1]?.PolicyName}$`),
    );
    const [subnet] = (told[3]?.json["Subnets"] ?? []) as readonly { readonly SubnetId: string }[];
    expect(ofEvent.message).toContain(`${subnet?.SubnetId} has no free address`);
  });

  test("another key tells other names", () => {
    const other = redactDocuments({ documents, unread: [] }, pseudonymsOf(new Uint8Array(32).fill(8)));
    expect(JSON.stringify(other.documents)).not.toBe(JSON.stringify(told));
  });
});
