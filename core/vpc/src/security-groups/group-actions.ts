import type { SecurityGroupId } from "@slash28/address";
import { find, findAll } from "../cloud/find.ts";
import type { Decide } from "../cloud/state.ts";
import { atLimit, cannotDelete, depended, invalidValue, missing, refusal, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Error } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import { allowAllOut, DEFAULT_GROUP } from "./default-group.ts";
import type { CreateSecurityGroupInput, SecurityGroup } from "./security-group.ts";

const TEXT_MAX = 255;
/** AWS: CreateSecurityGroup, GroupName and GroupDescription of a VPC's group. */
const TEXT_FORM = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/;

export const createSecurityGroup: Decide<CreateSecurityGroupInput, SecurityGroup> = (state, input) => {
  const { vpcId, name, description, tags = {} } = input;
  const fault = namingFault(input) ?? tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  if (!state.vpcs.has(vpcId)) return refuse(unknown.vpc(vpcId));
  if (state.groups.some((group) => group.vpcId === vpcId && group.name === name)) {
    return refuse(refusal("InvalidGroup.Duplicate", `The security group '${name}' already exists for VPC '${vpcId}'`));
  }
  if (state.groups.size >= state.quotas.groups) return refuse(atLimit.groups());
  const hasIpv6 = (state.vpcs.get(vpcId)?.ipv6Cidrs.length ?? 0) > 0;
  return ok(() => {
    const id = state.mint.id<SecurityGroupId>("sg");
    return state.groups.put({ id, vpcId, ownerId: state.accountId, name, description, rules: allowAllOut(state, hasIpv6), tags });
  });
};

function namingFault({ name, description }: CreateSecurityGroupInput): Ec2Error | undefined {
  if (name === "") return missing("GroupName");
  if (description === "") return missing("GroupDescription");
  if (name.toLowerCase() === DEFAULT_GROUP) return invalidValue(`Cannot use reserved security group name: ${name}`);
  if (name.startsWith("sg-"))
    return invalidValue(`Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`);
  for (const [parameter, text] of [
    ["GroupName", name],
    ["GroupDescription", description],
  ] as const) {
    if (text.length > TEXT_MAX || !TEXT_FORM.test(text)) {
      return invalidValue(
        `Value (${text}) for parameter ${parameter} is invalid. Character sets beyond ASCII are not supported, and the length is at most ${TEXT_MAX}.`,
      );
    }
  }
  return undefined;
}

/** Not while an ENI is in the group, or a rule of another group names it. */
export const deleteSecurityGroup: Decide<{ readonly groupId: SecurityGroupId }, void> = (state, { groupId }) => {
  const found = find(state.groups, groupId, unknown.group);
  if (!found.ok) return found;
  if (found.value.name === DEFAULT_GROUP) {
    return refuse(cannotDelete(`the specified group: "${groupId}" name: "${DEFAULT_GROUP}" cannot be deleted by a user`));
  }
  const isNamed = (group: SecurityGroup) =>
    group.id !== groupId && group.rules.some(({ peer }) => peer.kind === "group" && peer.groupId === groupId);
  if (state.enis.some((eni) => eni.groups.includes(groupId)) || state.groups.some(isNamed)) return refuse(depended.group(groupId));
  return ok(() => state.groups.delete(groupId));
};

export const describeSecurityGroups: Decide<{ readonly ids?: readonly SecurityGroupId[] }, readonly SecurityGroup[]> = (state, { ids }) => {
  const found = findAll(state.groups, ids, unknown.group);
  return found.ok ? ok(() => found.value) : found;
};
