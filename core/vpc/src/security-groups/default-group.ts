import { cidr4, cidr6, type SecurityGroupId, type VpcId } from "@slash28/address";
import type { State } from "../cloud/state.ts";
import { peerText } from "./rule-form.ts";
import type { RulePeer, SecurityGroup, SecurityGroupRule } from "./security-group.ts";

export const DEFAULT_GROUP = "default";

const ANYWHERE: RulePeer = { kind: "cidr4", cidr: cidr4("0.0.0.0/0") };
const ANYWHERE_IPV6: RulePeer = { kind: "cidr6", cidr: cidr6("::/0") };

/** The group a VPC is born with: everything from its own members, everything out. */
export function defaultGroup(state: State, vpcId: VpcId, hasIpv6: boolean): SecurityGroup {
  const id = state.mint.id<SecurityGroupId>("sg");
  const fromMembers: SecurityGroupRule = {
    id: state.mint.id("sgr"),
    direction: "ingress",
    protocol: "-1",
    peer: { kind: "group", groupId: id },
    tags: {},
  };
  const description = "default VPC security group";
  return {
    id,
    vpcId,
    ownerId: state.accountId,
    name: DEFAULT_GROUP,
    description,
    rules: [fromMembers, ...allowAllOut(state, hasIpv6)],
    tags: {},
  };
}

/** The rules every new group has; the one for IPv6 only in a VPC that has IPv6. */
export function allowAllOut(state: State, hasIpv6: boolean): SecurityGroupRule[] {
  return (hasIpv6 ? [ANYWHERE, ANYWHERE_IPV6] : [ANYWHERE]).map((peer) => everythingOut(state, peer));
}

function everythingOut(state: State, peer: RulePeer): SecurityGroupRule {
  return { id: state.mint.id("sgr"), direction: "egress", protocol: "-1", peer, tags: {} };
}

/** A VPC's first IPv6 block opens the way out of those of its groups whose outbound rules nobody has changed (AWS: "Security group rules"). */
export function letIpv6Out(state: State, vpcId: VpcId): void {
  const isAsBorn = ({ rules }: SecurityGroup): boolean => {
    const [only, ...more] = rules.filter(({ direction }) => direction === "egress");
    return only !== undefined && more.length === 0 && only.protocol === "-1" && peerText(only.peer) === peerText(ANYWHERE);
  };
  for (const group of state.groups.where((row) => row.vpcId === vpcId && isAsBorn(row))) {
    state.groups.put({ ...group, rules: [...group.rules, everythingOut(state, ANYWHERE_IPV6)] });
  }
}
