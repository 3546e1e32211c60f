import { find } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { atLimit, missing, refusal, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Result } from "../result.ts";
import { isOverQuota, readRules } from "./rule-actions.ts";
import { readRule, ruleKey, ruleText } from "./rule-form.ts";
import type { RuleDescriptionsInput, ModifyRulesInput, SecurityGroup, SecurityGroupRule } from "./security-group.ts";

/** Puts other rules in the place of those named, all or none; a rule keeps its id, its direction and its tags. */
export const modifyRules: Decide<ModifyRulesInput, void> = (state, { groupId, rules }) => {
  const found = find(state.groups, groupId, unknown.group);
  if (!found.ok) return found;
  if (rules.length === 0) return refuse(missing("securityGroupRules"));
  const group = found.value;
  const next = new Map(group.rules.map((rule) => [rule.id, rule]));
  for (const { ruleId, spec } of rules) {
    const old = next.get(ruleId);
    if (old === undefined) return refuse(unknown.rule(ruleId));
    const read = readRules(state, group, [spec]);
    if (!read.ok) return read;
    const { id, direction, tags } = old;
    for (const one of read.value) next.set(ruleId, { ...one, id, direction, tags });
  }
  return withRules(state, group, [...next.values()]);
};

function withRules(state: State, group: SecurityGroup, rules: readonly SecurityGroupRule[]): Ec2Result<() => void> {
  for (const direction of ["ingress", "egress"] as const) {
    const side = rules.filter((rule) => rule.direction === direction);
    const keys = new Set<string>();
    for (const rule of side) {
      const key = ruleKey(rule);
      if (keys.has(key)) return refuse(refusal("InvalidPermission.Duplicate", `the specified rule "${ruleText(rule)}" already exists`));
      keys.add(key);
    }
    if (isOverQuota(side, state.quotas.rulesPerGroup)) return refuse(atLimit.rules());
  }
  return ok(() => void state.groups.put({ ...group, rules }));
}

/** Changes what rules say of themselves; without a text a rule loses its own. Rules are named by id or as they are. */
export const changeRuleDescriptions: Decide<RuleDescriptionsInput, void> = (state, { groupId, direction, byId, specs }) => {
  const found = find(state.groups, groupId, unknown.group);
  if (!found.ok) return found;
  if (byId.length + specs.length === 0) return refuse(missing("ipPermissions or securityGroupRuleDescriptions"));
  const group = found.value;
  const texts = new Map<SecurityGroupRule, string | undefined>();
  for (const { ruleId, description } of byId) {
    const rule = group.rules.find((each) => each.id === ruleId && each.direction === direction);
    if (rule === undefined) return refuse(unknown.rule(ruleId));
    texts.set(rule, description);
  }
  for (const spec of specs) {
    const read = readRule(spec);
    if (!read.ok) return read;
    const rule = group.rules.find((each) => each.direction === direction && ruleKey(each) === ruleKey(read.value));
    if (rule === undefined) {
      return refuse(refusal("InvalidPermission.NotFound", "The specified rule does not exist in this security group."));
    }
    texts.set(rule, read.value.description);
  }
  return ok(
    () =>
      void state.groups.put({ ...group, rules: group.rules.map((rule) => (texts.has(rule) ? described(rule, texts.get(rule)) : rule)) }),
  );
};

function described(rule: SecurityGroupRule, text: string | undefined): SecurityGroupRule {
  const { description: _old, ...rest } = rule;
  return text === undefined || text === "" ? rest : { ...rest, description: text };
}
