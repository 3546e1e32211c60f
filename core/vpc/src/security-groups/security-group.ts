import type { Cidr4, Cidr6, SecurityGroupId, VpcId } from "@slash28/address";
import type { SecurityGroupRuleId } from "../ids.ts";
import type { Tags } from "../tags/tag.ts";

export interface SecurityGroup {
  readonly id: SecurityGroupId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  readonly name: string;
  readonly description: string;
  /** Ingress and egress together, in the order they were made. */
  readonly rules: readonly SecurityGroupRule[];
  readonly tags: Tags;
}

export type RuleDirection = "ingress" | "egress";

/** The other end of what a rule allows. */
export type RulePeer =
  | { readonly kind: "cidr4"; readonly cidr: Cidr4 }
  | { readonly kind: "cidr6"; readonly cidr: Cidr6 }
  | { readonly kind: "group"; readonly groupId: SecurityGroupId }
  | { readonly kind: "prefix-list"; readonly prefixListId: string };

/** One permission for one peer. Two rules are the same when all but the description are. */
export interface RuleSpec {
  /** `-1` for everything, `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol number as text. */
  readonly protocol: string;
  /** First port, or the ICMP type; absent for every port. */
  readonly fromPort?: number;
  /** Last port, or the ICMP code. */
  readonly toPort?: number;
  readonly peer: RulePeer;
  readonly description?: string;
}

export interface SecurityGroupRule extends RuleSpec {
  readonly id: SecurityGroupRuleId;
  readonly direction: RuleDirection;
  readonly tags: Tags;
}

export interface CreateSecurityGroupInput {
  readonly vpcId: VpcId;
  readonly name: string;
  readonly description: string;
  readonly tags?: Tags;
}

export interface AuthorizeRulesInput {
  readonly groupId: SecurityGroupId;
  readonly direction: RuleDirection;
  readonly rules: readonly RuleSpec[];
  /** Put on the new rules. */
  readonly tags?: Tags;
}

export interface RevokeRulesInput {
  readonly groupId: SecurityGroupId;
  readonly direction: RuleDirection;
  readonly rules?: readonly RuleSpec[];
  readonly ruleIds?: readonly SecurityGroupRuleId[];
}

export interface ModifyRulesInput {
  readonly groupId: SecurityGroupId;
  readonly rules: readonly { readonly ruleId: SecurityGroupRuleId; readonly spec: RuleSpec }[];
}

/** New descriptions for rules of one direction: by id, or by the rule itself, whose description is the new one. */
export interface RuleDescriptionsInput {
  readonly groupId: SecurityGroupId;
  readonly direction: RuleDirection;
  readonly byId: readonly { readonly ruleId: SecurityGroupRuleId; readonly description?: string }[];
  readonly specs: readonly RuleSpec[];
}
