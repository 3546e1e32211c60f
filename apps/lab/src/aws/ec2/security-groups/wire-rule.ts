import { formatCidr4, formatCidr6 } from "@slash28/address";
import type { SecurityGroupRule as WireRule } from "@aws-sdk/client-ec2";
import type { Cloud, RulePeer, SecurityGroup, SecurityGroupRule } from "@slash28/vpc";
import { tagSet } from "../../query/tag-specifications.ts";

/** A rule as DescribeSecurityGroupRules shows it: every port is -1. */
export function wireRule(cloud: Cloud, group: Pick<SecurityGroup, "id" | "ownerId">, rule: SecurityGroupRule): WireRule {
  return {
    SecurityGroupRuleId: rule.id,
    SecurityGroupRuleArn: `arn:aws:ec2:${cloud.region}:${group.ownerId}:security-group-rule/${rule.id}`,
    GroupId: group.id,
    GroupOwnerId: group.ownerId,
    IsEgress: rule.direction === "egress",
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort ?? -1,
    ToPort: rule.toPort ?? -1,
    Description: rule.description,
    Tags: tagSet(rule.tags),
    ...wirePeer(rule.peer, group.ownerId),
  };
}

function wirePeer(peer: RulePeer, ownerId: string): Partial<WireRule> {
  switch (peer.kind) {
    case "cidr4":
      return { CidrIpv4: formatCidr4(peer.cidr) };
    case "cidr6":
      return { CidrIpv6: formatCidr6(peer.cidr) };
    case "group":
      return { ReferencedGroupInfo: { GroupId: peer.groupId, UserId: ownerId } };
    case "prefix-list":
      return { PrefixListId: peer.prefixListId };
    default:
      return peer satisfies never;
  }
}
