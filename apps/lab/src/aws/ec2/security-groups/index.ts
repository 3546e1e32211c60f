export { describeSecurityGroupRules, describeSecurityGroups } from "./describe-security-groups.ts";
export { createSecurityGroup, deleteSecurityGroup } from "./change-security-groups.ts";
export {
  authorizeSecurityGroupEgress,
  authorizeSecurityGroupIngress,
  revokeSecurityGroupEgress,
  revokeSecurityGroupIngress,
} from "./change-rules.ts";
export {
  modifySecurityGroupRules,
  updateSecurityGroupRuleDescriptionsEgress,
  updateSecurityGroupRuleDescriptionsIngress,
} from "./modify-rules.ts";
