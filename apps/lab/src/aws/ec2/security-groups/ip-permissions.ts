import { asId, formatCidr4, formatCidr6, type SecurityGroupId } from "@slash28/address";
import type { IpPermission } from "@aws-sdk/client-ec2";
import { readCidr, readCidr6, type RulePeer, type RuleSpec } from "@slash28/vpc";
import { answer, need } from "../../action.ts";

/** The model holds one rule per peer; EC2's IpPermission gathers the peers of the same protocol and ports. */
export function rulesOf(permissions: readonly IpPermission[]): readonly RuleSpec[] {
  return permissions.flatMap((permission) =>
    peersOf(permission).map(({ peer, description }) => ({
      ...portsOf(permission),
      peer,
      ...(description === undefined ? {} : { description }),
    })),
  );
}

function portsOf({ IpProtocol, FromPort, ToPort }: IpPermission): Pick<RuleSpec, "protocol" | "fromPort" | "toPort"> {
  return {
    protocol: need(IpProtocol, "ipProtocol"),
    ...(FromPort === undefined ? {} : { fromPort: FromPort }),
    ...(ToPort === undefined ? {} : { toPort: ToPort }),
  };
}

interface DescribedPeer {
  readonly peer: RulePeer;
  readonly description?: string | undefined;
}

function peersOf({ IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = [] }: IpPermission): readonly DescribedPeer[] {
  return [
    ...IpRanges.map(({ CidrIp, Description }): DescribedPeer => ({
      peer: { kind: "cidr4", cidr: answer(readCidr(need(CidrIp, "cidrIp"), "cidrIp")) },
      description: Description,
    })),
    ...Ipv6Ranges.map(({ CidrIpv6, Description }): DescribedPeer => ({
      peer: { kind: "cidr6", cidr: answer(readCidr6(need(CidrIpv6, "cidrIpv6"), "cidrIpv6")) },
      description: Description,
    })),
    ...UserIdGroupPairs.map(({ GroupId, Description }): DescribedPeer => ({
      peer: { kind: "group", groupId: asId<SecurityGroupId>(need(GroupId, "groupId")) },
      description: Description,
    })),
    ...PrefixListIds.map(({ PrefixListId, Description }): DescribedPeer => ({
      peer: { kind: "prefix-list", prefixListId: need(PrefixListId, "prefixListId") },
      description: Description,
    })),
  ];
}

/** Rules back as EC2 shows them. */
export function permissionsOf(rules: readonly RuleSpec[], ownerId: string): IpPermission[] {
  const byPorts = new Map<string, Gathered>();
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`;
    const gathered = byPorts.get(key) ?? gatheredFor(rule);
    byPorts.set(key, gathered);
    addPeer(gathered, rule, ownerId);
  }
  return [...byPorts.values()];
}

type Gathered = IpPermission & Required<Pick<IpPermission, "IpRanges" | "Ipv6Ranges" | "UserIdGroupPairs" | "PrefixListIds">>;

function gatheredFor({ protocol, fromPort, toPort }: RuleSpec): Gathered {
  return {
    IpProtocol: protocol,
    FromPort: fromPort,
    ToPort: toPort,
    IpRanges: [],
    Ipv6Ranges: [],
    UserIdGroupPairs: [],
    PrefixListIds: [],
  };
}

function addPeer(gathered: Gathered, { peer, description: Description }: RuleSpec, ownerId: string): void {
  switch (peer.kind) {
    case "cidr4":
      gathered.IpRanges?.push({ CidrIp: formatCidr4(peer.cidr), Description });
      return;
    case "cidr6":
      gathered.Ipv6Ranges?.push({ CidrIpv6: formatCidr6(peer.cidr), Description });
      return;
    case "group":
      gathered.UserIdGroupPairs?.push({ GroupId: peer.groupId, UserId: ownerId, Description });
      return;
    case "prefix-list":
      gathered.PrefixListIds?.push({ PrefixListId: peer.prefixListId, Description });
      return;
    default:
      peer satisfies never;
  }
}
