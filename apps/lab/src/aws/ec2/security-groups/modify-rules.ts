import { asId, type SecurityGroupId } from "@slash28/address";
import type {
  IpPermission,
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  SecurityGroupRuleDescription,
  SecurityGroupRuleRequest,
} from "@aws-sdk/client-ec2";
import { readCidr, readCidr6, type RuleDirection, type RulePeer, type RuleSpec, type SecurityGroupRuleId } from "@slash28/vpc";
import { answer, mutation, need, type AnyAction } from "../../action.ts";
import { AwsError, invalidCombination } from "../../aws-error.ts";
import { rulesOf } from "./ip-permissions.ts";

/** Puts other rules in the place of those named; their ids stay. */
export const modifySecurityGroupRules = mutation<ModifySecurityGroupRulesRequest, ModifySecurityGroupRulesResult>(
  "ModifySecurityGroupRules",
  (input, { cloud, call }) => {
    const groupId = asId<SecurityGroupId>(need(input.GroupId, "groupId"));
    const rules = need(input.SecurityGroupRules, "securityGroupRules").map(({ SecurityGroupRuleId: id, SecurityGroupRule: rule }) => ({
      ruleId: asId<SecurityGroupRuleId>(need(id, "securityGroupRuleId")),
      spec: specOf(rule ?? {}),
    }));
    answer(cloud.modifyRules({ groupId, rules }, call));
    return { Return: true };
  },
);

function specOf(rule: SecurityGroupRuleRequest): RuleSpec {
  return {
    protocol: need(rule.IpProtocol, "ipProtocol"),
    ...(rule.FromPort === undefined ? {} : { fromPort: rule.FromPort }),
    ...(rule.ToPort === undefined ? {} : { toPort: rule.ToPort }),
    peer: peerOf(rule),
    ...(rule.Description === undefined ? {} : { description: rule.Description }),
  };
}

function peerOf({ CidrIpv4, CidrIpv6, ReferencedGroupId, PrefixListId }: SecurityGroupRuleRequest): RulePeer {
  const peers: RulePeer[] = [
    ...(CidrIpv4 === undefined ? [] : [{ kind: "cidr4", cidr: answer(readCidr(CidrIpv4, "cidrIpv4")) } as const]),
    ...(CidrIpv6 === undefined ? [] : [{ kind: "cidr6", cidr: answer(readCidr6(CidrIpv6, "cidrIpv6")) } as const]),
    ...(ReferencedGroupId === undefined ? [] : [{ kind: "group", groupId: asId<SecurityGroupId>(ReferencedGroupId) } as const]),
    ...(PrefixListId === undefined ? [] : [{ kind: "prefix-list", prefixListId: PrefixListId } as const]),
  ];
  const [peer] = peers;
  if (peer === undefined) throw new AwsError("MissingParameter", "The request must contain a source or destination for the rule");
  if (peers.length > 1) throw invalidCombination("A rule has one source or destination.");
  return peer;
}

export const updateSecurityGroupRuleDescriptionsIngress = updateDescriptions("UpdateSecurityGroupRuleDescriptionsIngress", "ingress");
export const updateSecurityGroupRuleDescriptionsEgress = updateDescriptions("UpdateSecurityGroupRuleDescriptionsEgress", "egress");

/** The members both directions' requests have. */
interface DescriptionsRequest {
  readonly GroupId?: string | undefined;
  readonly IpPermissions?: IpPermission[] | undefined;
  readonly SecurityGroupRuleDescriptions?: SecurityGroupRuleDescription[] | undefined;
}

/** A rule named without a description loses its own. */
function updateDescriptions(name: string, direction: RuleDirection): AnyAction {
  return mutation<DescriptionsRequest, { readonly Return: boolean }>(name, (input, { cloud, call }) => {
    const groupId = asId<SecurityGroupId>(need(input.GroupId, "groupId"));
    const byId = (input.SecurityGroupRuleDescriptions ?? []).map(({ SecurityGroupRuleId: id, Description }) => ({
      ruleId: asId<SecurityGroupRuleId>(need(id, "securityGroupRuleId")),
      ...(Description === undefined ? {} : { description: Description }),
    }));
    const specs = rulesOf(input.IpPermissions ?? []);
    answer(cloud.changeRuleDescriptions({ groupId, direction, byId, specs }, call));
    return { Return: true };
  });
}
