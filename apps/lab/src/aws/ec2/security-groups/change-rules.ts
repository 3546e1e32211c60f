import { asId, type SecurityGroupId } from "@slash28/address";
import type {
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  IpPermission,
  RevokedSecurityGroupRule,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
} from "@aws-sdk/client-ec2";
import type { Cloud, RuleDirection, SecurityGroupRule, SecurityGroupRuleId } from "@slash28/vpc";
import { answer, mutation, need, type AnyAction } from "../../action.ts";
import { AwsError, invalidCombination } from "../../aws-error.ts";
import { tagsFor } from "../../query/tag-specifications.ts";
import { rulesOf } from "./ip-permissions.ts";
import { wireRule } from "./wire-rule.ts";

/** The members ingress and egress requests share. */
type AuthorizeRequest = Omit<AuthorizeSecurityGroupIngressRequest, "GroupName" | "SourceSecurityGroupName">;
type RevokeRequest = Omit<RevokeSecurityGroupIngressRequest, "GroupName" | "SourceSecurityGroupName">;

export const authorizeSecurityGroupIngress = authorize("AuthorizeSecurityGroupIngress", "ingress");
export const authorizeSecurityGroupEgress = authorize("AuthorizeSecurityGroupEgress", "egress");
export const revokeSecurityGroupIngress = revoke("RevokeSecurityGroupIngress", "ingress");
export const revokeSecurityGroupEgress = revoke("RevokeSecurityGroupEgress", "egress");

function authorize(name: string, direction: RuleDirection): AnyAction {
  return mutation<AuthorizeRequest, AuthorizeSecurityGroupIngressResult>(name, (input, { cloud, call }) => {
    const groupId = asId<SecurityGroupId>(need(input.GroupId, "groupId"));
    const rules = rulesOf(need(permissionsIn(input), "ipPermissions"));
    if (rules.length === 0) throw new AwsError("InvalidParameterValue", "The permissions name no source or destination.");
    const tags = tagsFor("security-group-rule", input.TagSpecifications);
    const made = answer(cloud.authorizeRules({ groupId, direction, rules, tags }, call));
    const group = { id: groupId, ownerId: cloud.accountId };
    return { Return: true, SecurityGroupRules: made.map((rule) => wireRule(cloud, group, rule)) };
  });
}

function revoke(name: string, direction: RuleDirection): AnyAction {
  return mutation<RevokeRequest, RevokeSecurityGroupIngressResult>(name, (input, { cloud, call }) => {
    const groupId = asId<SecurityGroupId>(need(input.GroupId, "groupId"));
    const ruleIds = input.SecurityGroupRuleIds ?? [];
    const permissions = permissionsIn(input);
    if (ruleIds.length > 0 && permissions !== undefined) {
      throw invalidCombination("The parameter ipPermissions cannot be used with the parameter securityGroupRuleIds");
    }
    const which =
      ruleIds.length > 0
        ? { ruleIds: ruleIds.map((id) => asId<SecurityGroupRuleId>(id)) }
        : { rules: rulesOf(need(permissions, "ipPermissions")) };
    const revoked = answer(cloud.revokeRules({ groupId, direction, ...which }, call));
    return { Return: true, RevokedSecurityGroupRules: revoked.map((rule) => wireRevoked(cloud, groupId, rule)) };
  });
}

/** The permissions of a request; one permission may also be spelled out in the request's own fields. */
function permissionsIn(input: AuthorizeRequest): readonly IpPermission[] | undefined {
  if (input.IpPermissions !== undefined && input.IpPermissions.length > 0) return input.IpPermissions;
  if (input.CidrIp === undefined) return undefined;
  return [{ IpProtocol: input.IpProtocol, FromPort: input.FromPort, ToPort: input.ToPort, IpRanges: [{ CidrIp: input.CidrIp }] }];
}

function wireRevoked(cloud: Cloud, groupId: SecurityGroupId, rule: SecurityGroupRule): RevokedSecurityGroupRule {
  const {
    SecurityGroupRuleArn: _,
    GroupOwnerId: __,
    Tags: ___,
    ReferencedGroupInfo,
    ...rest
  } = wireRule(cloud, { id: groupId, ownerId: cloud.accountId }, rule);
  return { ...rest, ReferencedGroupId: ReferencedGroupInfo?.GroupId };
}
