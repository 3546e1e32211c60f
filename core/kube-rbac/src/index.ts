export { AccessBook, type Decision, type RbacResource } from "./access-book.ts";
export { aggregatedRules, isAggregated } from "./aggregation.ts";
export { isPath, refusalText, type Attributes, type PathAttributes, type ResourceAttributes, type UserInfo } from "./attributes.ts";
export { ruleText, uncoveredRules } from "./escalation.ts";
export { policyRuleOf, policyRulesOf, ruleAllows, type PolicyRule } from "./policy-rule.ts";
export { serviceAccountGroups, serviceAccountOf, serviceAccountUser } from "./subject.ts";
