import { cidr4, type SecurityGroupId, type VpcId } from "@slash28/address";
import type { State } from "../cloud/state.ts";
import type { SecurityGroupRule } from "./security-group.ts";
import type { SecurityGroup } from "./security-group.ts";

export const DEFAULT_GROUP = "default";

const ANYWHERE = cidr4("0.0.0.0/0");

/** The group a VPC is born with: everything from its own members, everything out. */
export function defaultGroup(state: State, vpcId: VpcId): SecurityGroup {
  const id = state.mint.id<SecurityGroupId>("sg");
  const fromMembers: SecurityGroupRule = {
    id: state.mint.id("sgr"),
    direction: "ingress",
    protocol: "-1",
    peer: { kind: "group", groupId: id },
    tags: {},
  };
  const description = "default VPC security group";
  return { id, vpcId, ownerId: state.accountId, name: DEFAULT_GROUP, description, rules: [fromMembers, allowAllOut(state)], tags: {} };
}

/** The rule every new group has. */
export function allowAllOut(state: State): SecurityGroupRule {
  return { id: state.mint.id("sgr"), direction: "egress", protocol: "-1", peer: { kind: "cidr4", cidr: ANYWHERE }, tags: {} };
}
