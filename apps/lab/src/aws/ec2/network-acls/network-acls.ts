import type { DescribeNetworkAclsRequest, DescribeNetworkAclsResult, NetworkAcl } from "@aws-sdk/client-ec2";
import type { Cloud, Vpc } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { page } from "../../query/pagination.ts";

/** Number of the rule that refuses what no other rule lets through. */
const LAST_RULE = 32_767;
const IPV4 = "0.0.0.0/0";
const IPV6 = "::/0";

interface Acl {
  readonly vpc: Vpc;
  readonly subnetIds: readonly string[];
}

/** Each VPC has its default network ACL, which lets everything through and serves every subnet; there are no others. */
export const describeNetworkAcls = read<DescribeNetworkAclsRequest, DescribeNetworkAclsResult>(
  "DescribeNetworkAcls",
  (input, { cloud, call }) => {
    const subnets = answer(cloud.describeSubnets({}, call));
    const all = cloud.view
      .vpcs()
      .map((vpc): Acl => ({ vpc, subnetIds: subnets.filter((row) => row.vpcId === vpc.id).map(({ id }) => id) }));
    const named = aclsNamed(all, input.NetworkAclIds ?? []);
    const rules = { action: "DescribeNetworkAcls", key: ({ vpc }: Acl) => vpc.networkAclId };
    const { items, ...more } = page(filtered(named, input.Filters, FILTERS), input, rules);
    return { NetworkAcls: items.map((acl) => wireAcl(cloud, acl)), ...more };
  },
);

function aclsNamed(all: readonly Acl[], ids: readonly string[]): readonly Acl[] {
  if (ids.length === 0) return all;
  const missing = ids.find((id) => all.every(({ vpc }) => vpc.networkAclId !== id));
  if (missing !== undefined) throw new AwsError("InvalidNetworkAclID.NotFound", `The networkAcl ID '${missing}' does not exist`);
  return all.filter(({ vpc }) => ids.includes(vpc.networkAclId));
}

function wireAcl({ accountId }: Cloud, { vpc, subnetIds }: Acl): NetworkAcl {
  return {
    NetworkAclId: vpc.networkAclId,
    VpcId: vpc.id,
    OwnerId: accountId,
    IsDefault: true,
    Associations: subnetIds.map((SubnetId) => ({
      NetworkAclAssociationId: associationId(SubnetId),
      NetworkAclId: vpc.networkAclId,
      SubnetId,
    })),
    Entries: [true, false].flatMap((Egress) => [
      { Egress, CidrBlock: IPV4, Protocol: "-1", RuleAction: "allow" as const, RuleNumber: 100 },
      { Egress, CidrBlock: IPV4, Protocol: "-1", RuleAction: "deny" as const, RuleNumber: LAST_RULE },
      ...(vpc.ipv6Cidrs.length === 0
        ? []
        : [
            { Egress, Ipv6CidrBlock: IPV6, Protocol: "-1", RuleAction: "allow" as const, RuleNumber: 101 },
            { Egress, Ipv6CidrBlock: IPV6, Protocol: "-1", RuleAction: "deny" as const, RuleNumber: LAST_RULE + 1 },
          ]),
    ]),
    Tags: [],
  };
}

/** A subnet's association never changes, so its id follows from the subnet's. */
function associationId(subnetId: string): string {
  return subnetId.replace(/^subnet-/, "aclassoc-");
}

const FILTERS: FilterTable<Acl> = {
  "association.association-id": ({ subnetIds }) => subnetIds.map(associationId),
  "association.network-acl-id": ({ vpc }) => vpc.networkAclId,
  "association.subnet-id": ({ subnetIds }) => subnetIds,
  default: () => true,
  "entry.cidr": () => IPV4,
  "entry.egress": () => ["true", "false"],
  "entry.ipv6-cidr": ({ vpc }) => (vpc.ipv6Cidrs.length === 0 ? undefined : IPV6),
  "entry.protocol": () => "-1",
  "entry.rule-action": () => ["allow", "deny"],
  "entry.rule-number": () => [100, LAST_RULE],
  "network-acl-id": ({ vpc }) => vpc.networkAclId,
  "owner-id": ({ vpc }) => vpc.ownerId,
  "vpc-id": ({ vpc }) => vpc.id,
};
