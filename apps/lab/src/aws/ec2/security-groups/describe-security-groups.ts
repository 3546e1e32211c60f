import { formatCidr4, formatCidr6, type SecurityGroupId } from "@slash28/address";
import type {
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  SecurityGroup as WireGroup,
} from "@aws-sdk/client-ec2";
import type { Cloud, RuleDirection, SecurityGroup, SecurityGroupRule } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";
import { tagSet } from "../../query/tag-specifications.ts";
import { permissionsOf } from "./ip-permissions.ts";
import { wireRule } from "./wire-rule.ts";

export const describeSecurityGroups = read<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult>(
  "DescribeSecurityGroups",
  (input, { cloud, call }) => {
    const byId = answer(cloud.describeSecurityGroups(namedIds<SecurityGroupId>(input.GroupIds), call));
    const named = groupsNamed(byId, input.GroupNames ?? []);
    const { items, ...more } = page(
      filtered(named, input.Filters, () => groupFilters(cloud)),
      input,
      {
        action: "DescribeSecurityGroups",
        key: ({ id }) => id,
      },
    );
    return { SecurityGroups: items.map((group) => wireGroup(cloud, group)), ...more };
  },
);

function groupsNamed(groups: readonly SecurityGroup[], names: readonly string[]): readonly SecurityGroup[] {
  if (names.length === 0) return groups;
  const missing = names.find((name) => groups.every((group) => group.name !== name));
  if (missing !== undefined) throw new AwsError("InvalidGroup.NotFound", `The security group '${missing}' does not exist`);
  return groups.filter(({ name }) => names.includes(name));
}

export function groupArn(cloud: Cloud, { id, ownerId }: SecurityGroup): string {
  return `arn:aws:ec2:${cloud.region}:${ownerId}:security-group/${id}`;
}

function wireGroup(cloud: Cloud, group: SecurityGroup): WireGroup {
  const towards = (direction: RuleDirection) =>
    permissionsOf(
      group.rules.filter((rule) => rule.direction === direction),
      group.ownerId,
    );
  return {
    GroupId: group.id,
    GroupName: group.name,
    SecurityGroupArn: groupArn(cloud, group),
    Description: group.description,
    VpcId: group.vpcId,
    OwnerId: group.ownerId,
    IpPermissions: towards("ingress"),
    IpPermissionsEgress: towards("egress"),
    Tags: tagSet(group.tags),
  };
}

/** A rule with the group it belongs to. */
interface OwnedRule extends SecurityGroupRule {
  readonly group: SecurityGroup;
}

export const describeSecurityGroupRules = read<DescribeSecurityGroupRulesRequest, DescribeSecurityGroupRulesResult>(
  "DescribeSecurityGroupRules",
  (input, { cloud, call }) => {
    const groups = answer(cloud.describeSecurityGroups({}, call));
    const all = groups.flatMap((group) => group.rules.map((rule): OwnedRule => ({ ...rule, group })));
    const named = rulesNamed(all, input.SecurityGroupRuleIds ?? []);
    const rules = { action: "DescribeSecurityGroupRules", key: ({ id }: OwnedRule) => id };
    const { items, ...more } = page(filtered(named, input.Filters, RULE_FILTERS), input, rules);
    return { SecurityGroupRules: items.map(({ group, ...rule }) => wireRule(cloud, group, rule)), ...more };
  },
);

function rulesNamed(rules: readonly OwnedRule[], ids: readonly string[]): readonly OwnedRule[] {
  if (ids.length === 0) return rules;
  const missing = ids.find((id) => rules.every((rule) => rule.id !== id));
  if (missing !== undefined)
    throw new AwsError("InvalidSecurityGroupRuleId.NotFound", `The security group rule ID '${missing}' does not exist`);
  return rules.filter(({ id }) => ids.includes(id));
}

const RULE_FILTERS: FilterTable<OwnedRule> = {
  "group-id": ({ group }) => group.id,
  "security-group-rule-id": ({ id }) => id,
};

/** The filters EC2 documents for DescribeSecurityGroups, of what the model knows. */
function groupFilters(cloud: Cloud): FilterTable<SecurityGroup> {
  return {
    description: (group) => group.description,
    "group-id": ({ id }) => id,
    "group-name": ({ name }) => name,
    "owner-id": ({ ownerId }) => ownerId,
    "vpc-id": ({ vpcId }) => vpcId,
    ...permissionFilters(cloud, "ip-permission", "ingress"),
    ...permissionFilters(cloud, "egress.ip-permission", "egress"),
  };
}

function permissionFilters(cloud: Cloud, prefix: string, direction: RuleDirection): FilterTable<SecurityGroup> {
  const each =
    (of: (rule: SecurityGroupRule) => string | number | undefined) =>
    ({ rules }: SecurityGroup): ReadonlyArray<string | number | undefined> =>
      rules.filter((rule) => rule.direction === direction).map(of);
  return {
    [`${prefix}.cidr`]: each(({ peer }) => (peer.kind === "cidr4" ? formatCidr4(peer.cidr) : undefined)),
    [`${prefix}.ipv6-cidr`]: each(({ peer }) => (peer.kind === "cidr6" ? formatCidr6(peer.cidr) : undefined)),
    [`${prefix}.group-id`]: each(({ peer }) => (peer.kind === "group" ? peer.groupId : undefined)),
    [`${prefix}.group-name`]: each(({ peer }) => (peer.kind === "group" ? cloud.view.securityGroup(peer.groupId)?.name : undefined)),
    [`${prefix}.user-id`]: (group) =>
      group.rules.some((rule) => rule.direction === direction && rule.peer.kind === "group") ? group.ownerId : undefined,
    [`${prefix}.prefix-list-id`]: each(({ peer }) => (peer.kind === "prefix-list" ? peer.prefixListId : undefined)),
    [`${prefix}.from-port`]: each(({ fromPort }) => fromPort),
    [`${prefix}.to-port`]: each(({ toPort }) => toPort),
    [`${prefix}.protocol`]: each(({ protocol }) => protocol),
  };
}
