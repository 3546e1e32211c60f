import { find } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { atLimit, missing, refusal, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Result } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import { readRule, ruleKey, ruleText } from "./rule-form.ts";
import type { AuthorizeRulesInput, RevokeRulesInput, RulePeer, RuleSpec, SecurityGroup, SecurityGroupRule } from "./security-group.ts";

export const authorizeRules: Decide<AuthorizeRulesInput, readonly SecurityGroupRule[]> = (state, input) => {
  const { groupId, direction, tags = {} } = input;
  const found = find(state.groups, groupId, unknown.group);
  if (!found.ok) return found;
  const fault = tagFault(tags) ?? (input.rules.length === 0 ? missing("ipPermissions") : undefined);
  if (fault !== undefined) return refuse(fault);
  const group = found.value;
  const specs = readRules(state, group, input.rules);
  if (!specs.ok) return specs;
  const present = group.rules.filter((rule) => rule.direction === direction);
  const keys = new Set(present.map(ruleKey));
  for (const spec of specs.value) {
    const key = ruleKey(spec);
    if (keys.has(key)) return refuse(refusal("InvalidPermission.Duplicate", `the specified rule "${ruleText(spec)}" already exists`));
    keys.add(key);
  }
  if (isOverQuota([...present, ...specs.value], state.quotas.rulesPerGroup)) return refuse(atLimit.rules());
  return ok(() => {
    const made = specs.value.map((spec): SecurityGroupRule => ({ ...spec, id: state.mint.id("sgr"), direction, tags }));
    state.groups.put({ ...group, rules: [...group.rules, ...made] });
    return made;
  });
};

export function readRules(state: State, group: SecurityGroup, rules: readonly RuleSpec[]): Ec2Result<readonly RuleSpec[]> {
  const specs: RuleSpec[] = [];
  for (const rule of rules) {
    const spec = readRule(rule);
    if (!spec.ok) return spec;
    const { peer } = spec.value;
    if (peer.kind === "group" && state.groups.get(peer.groupId)?.vpcId !== group.vpcId) return refuse(unknown.group(peer.groupId));
    specs.push(spec.value);
  }
  return ok(specs);
}

/** Rules for IPv4 and for IPv6 are counted apart; a group or prefix list counts in both (AWS: "Amazon VPC quotas"). */
export function isOverQuota(rules: readonly RuleSpec[], max: number): boolean {
  const countWithout = (kind: RulePeer["kind"]) => rules.filter(({ peer }) => peer.kind !== kind).length;
  return countWithout("cidr6") > max || countWithout("cidr4") > max;
}

export const revokeRules: Decide<RevokeRulesInput, readonly SecurityGroupRule[]> = (state, input) => {
  const { groupId, direction, rules = [], ruleIds = [] } = input;
  const found = find(state.groups, groupId, unknown.group);
  if (!found.ok) return found;
  if (rules.length + ruleIds.length === 0) return refuse(missing("ipPermissions"));
  const group = found.value;
  const present = group.rules.filter((rule) => rule.direction === direction);
  const revoked = new Set<SecurityGroupRule>();
  for (const id of ruleIds) {
    const rule = present.find((candidate) => candidate.id === id);
    if (rule === undefined) return refuse(unknown.rule(id));
    revoked.add(rule);
  }
  for (const spec of rules) {
    const read = readRule(spec);
    if (!read.ok) return read;
    const rule = present.find((candidate) => ruleKey(candidate) === ruleKey(read.value));
    if (rule === undefined) {
      return refuse(refusal("InvalidPermission.NotFound", "The specified rule does not exist in this security group."));
    }
    revoked.add(rule);
  }
  return ok(() => {
    state.groups.put({ ...group, rules: group.rules.filter((rule) => !revoked.has(rule)) });
    return [...revoked];
  });
};
