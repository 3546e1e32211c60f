import { formatCidr4, formatCidr6, type SecurityGroupId } from "@slash28/address";
import { gatewayRules } from "./gateway-rules.ts";
import { ipv6GatewayRules } from "./ipv6-gateway-rules.ts";
import { routerLink } from "./names.ts";
import { elements } from "./nft-elements.ts";
import type { FabricEni, FabricGroup, FabricRule, Topology } from "./topology.ts";

const TABLE = "slash28-fabric";

/** How one address family is written in rules. */
interface Family {
  /** nftables' word for the table's family and for the header. */
  readonly word: "ip" | "ip6";
  readonly addressType: "ipv4_addr" | "ipv6_addr";
  readonly ownedBy: (eni: FabricEni) => readonly string[];
  /** The peer's range, if it is of this family. */
  readonly rangeOf: (peer: FabricRule["peer"]) => string | undefined;
  readonly icmp: { readonly protocol: "icmp" | "icmpv6"; readonly match: string };
  /** What a link says to its neighbours, and nobody forwards. */
  readonly neighbourly: readonly string[];
}

const IPV4: Family = {
  word: "ip",
  addressType: "ipv4_addr",
  ownedBy: ({ owned }) => owned.map(formatCidr4),
  rangeOf: (peer) => (peer.kind === "cidr" ? formatCidr4(peer.cidr) : undefined),
  icmp: { protocol: "icmp", match: "ip protocol icmp " },
  neighbourly: [],
};

const IPV6: Family = {
  word: "ip6",
  addressType: "ipv6_addr",
  ownedBy: ({ ownedIpv6 }) => ownedIpv6.map(formatCidr6),
  rangeOf: (peer) => (peer.kind === "cidr6" ? formatCidr6(peer.cidr) : undefined),
  icmp: { protocol: "icmpv6", match: "meta l4proto ipv6-icmp " },
  neighbourly: ["  ip6 saddr { ::, fe80::/10 } accept"],
};

/**
 * The router's nftables rules as one transaction: EC2's source check, stateful security groups per ENI, route tables and what their
 * gateways do. A packet that leaves an ENI with a source the ENI does not own is dropped, as EC2 drops it.
 */
export function routerRules(topology: Topology): string {
  const lines = [...familyRules(topology, IPV4, gatewayRules(topology)), ...familyRules(topology, IPV6, ipv6GatewayRules(topology))];
  return `${lines.join("\n")}\n`;
}

function familyRules(topology: Topology, family: Family, gateways: readonly string[]): string[] {
  const enis = topology.instances.flatMap((instance) => instance.enis);
  return [
    `add table ${family.word} ${TABLE}`,
    `delete table ${family.word} ${TABLE}`,
    `table ${family.word} ${TABLE} {`,
    ...sourceCheck(enis, family),
    ...topology.groups.map((group) => groupMembers(group.id, enis, family)),
    ...securityGroups(enis, new Map(topology.groups.map((group) => [group.id, group])), family),
    ...gateways,
    "}",
  ];
}

function sourceCheck(enis: readonly FabricEni[], family: Family): string[] {
  const checked = enis.filter((eni) => eni.checkSource);
  const owned = checked.flatMap((eni) => family.ownedBy(eni).map((range) => `"${routerLink(eni.id)}" . ${range}`));
  return [
    elements(
      "set checked { type ifname;",
      checked.map((eni) => `"${routerLink(eni.id)}"`),
    ),
    elements(`set owned { type ifname . ${family.addressType}; flags interval;`, owned),
    "chain source-check { type filter hook prerouting priority raw; policy accept;",
    ...family.neighbourly,
    `  iifname @checked iifname . ${family.word} saddr != @owned counter drop`,
    "}",
  ];
}

function groupMembers(id: SecurityGroupId, enis: readonly FabricEni[], family: Family): string {
  const ranges = enis.filter((eni) => eni.groups.includes(id)).flatMap(family.ownedBy);
  return elements(`set ${id} { type ${family.addressType}; flags interval;`, ranges);
}

function securityGroups(enis: readonly FabricEni[], groups: ReadonlyMap<SecurityGroupId, FabricGroup>, family: Family): string[] {
  const chains = enis.flatMap((eni) => {
    const own = eni.groups.flatMap((id) => groups.get(id) ?? []);
    const link = routerLink(eni.id);
    const egress = own.flatMap((group) => group.egress);
    const ingress = own.flatMap((group) => group.ingress);
    return [...permissions(`egress-${link}`, egress, "daddr", family), ...permissions(`ingress-${link}`, ingress, "saddr", family)];
  });
  return [
    ...chains,
    "chain security-groups { type filter hook forward priority filter; policy drop;",
    "  ct state established,related accept",
    ...verdicts("iifname", "egress", enis),
    ...verdicts("oifname", "ingress", enis),
    "  accept",
    "}",
  ];
}

function verdicts(match: string, side: string, enis: readonly FabricEni[]): string[] {
  if (enis.length === 0) return [];
  const entries = enis.map((eni) => `"${routerLink(eni.id)}" : jump ${side}-${routerLink(eni.id)}`);
  return [`  ${match} vmap { ${entries.join(", ")} }`];
}

/** A chain that returns for what is permitted and drops the rest: a group has no deny rules, so order does not matter. */
function permissions(name: string, rules: readonly FabricRule[], side: "saddr" | "daddr", family: Family): string[] {
  return [`chain ${name} {`, ...rules.flatMap((rule) => permission(rule, side, family)), "  counter drop", "}"];
}

/** Nothing where the rule speaks of the other family. */
function permission(rule: FabricRule, side: "saddr" | "daddr", family: Family): string[] {
  const range = rule.peer.kind === "group" ? `@${rule.peer.id}` : family.rangeOf(rule.peer);
  const what = traffic(rule, family);
  return range === undefined || what === undefined ? [] : [`  ${family.word} ${side} ${range} ${what}return`];
}

function traffic(rule: FabricRule, { icmp }: Family): string | undefined {
  const { traffic: what } = rule;
  if (what === "all") return "";
  if ("fromPort" in what) return `${what.protocol} dport ${what.fromPort}-${what.toPort} `;
  return what.protocol === icmp.protocol ? icmp.match : undefined;
}
