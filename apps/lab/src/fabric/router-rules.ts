import { formatCidr4, type SecurityGroupId } from "@slash28/address";
import { gatewayRules } from "./gateway-rules.ts";
import { routerLink } from "./names.ts";
import { elements } from "./nft-elements.ts";
import type { FabricEni, FabricGroup, FabricRule, Topology } from "./topology.ts";

const TABLE = "slash28-fabric";

/**
 * The router's nftables rules as one transaction: EC2's source check, stateful security groups per ENI, route tables and what their
 * gateways do. A packet that leaves an ENI with a source the ENI does not own is dropped, as EC2 drops it.
 */
export function routerRules(topology: Topology): string {
  const enis = topology.instances.flatMap((instance) => instance.enis);
  const lines = [
    `add table ip ${TABLE}`,
    `delete table ip ${TABLE}`,
    `table ip ${TABLE} {`,
    ...sourceCheck(enis),
    ...topology.groups.map((group) => groupMembers(group.id, enis)),
    ...securityGroups(enis, new Map(topology.groups.map((group) => [group.id, group]))),
    ...gatewayRules(topology),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function sourceCheck(enis: readonly FabricEni[]): string[] {
  const checked = enis.filter((eni) => eni.checkSource);
  const owned = checked.flatMap((eni) => eni.owned.map((range) => `"${routerLink(eni.id)}" . ${formatCidr4(range)}`));
  return [
    elements(
      "set checked { type ifname;",
      checked.map((eni) => `"${routerLink(eni.id)}"`),
    ),
    elements("set owned { type ifname . ipv4_addr; flags interval;", owned),
    "chain source-check { type filter hook prerouting priority raw; policy accept;",
    "  iifname @checked iifname . ip saddr != @owned counter drop",
    "}",
  ];
}

function groupMembers(id: SecurityGroupId, enis: readonly FabricEni[]): string {
  const ranges = enis.filter((eni) => eni.groups.includes(id)).flatMap((eni) => eni.owned.map(formatCidr4));
  return elements(`set ${id} { type ipv4_addr; flags interval;`, ranges);
}

function securityGroups(enis: readonly FabricEni[], groups: ReadonlyMap<SecurityGroupId, FabricGroup>): string[] {
  const chains = enis.flatMap((eni) => {
    const own = eni.groups.flatMap((id) => groups.get(id) ?? []);
    const link = routerLink(eni.id);
    return [
      ...permissions(
        `egress-${link}`,
        own.flatMap((group) => group.egress),
        "daddr",
      ),
      ...permissions(
        `ingress-${link}`,
        own.flatMap((group) => group.ingress),
        "saddr",
      ),
    ];
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
function permissions(name: string, rules: readonly FabricRule[], side: "saddr" | "daddr"): string[] {
  return [`chain ${name} {`, ...rules.map((rule) => `  ${peer(rule, side)} ${traffic(rule)}return`), "  counter drop", "}"];
}

function peer(rule: FabricRule, side: "saddr" | "daddr"): string {
  return rule.peer.kind === "cidr" ? `ip ${side} ${formatCidr4(rule.peer.cidr)}` : `ip ${side} @${rule.peer.id}`;
}

function traffic(rule: FabricRule): string {
  if (rule.traffic === "all") return "";
  if (rule.traffic.protocol === "icmp") return "ip protocol icmp ";
  return `${rule.traffic.protocol} dport ${rule.traffic.fromPort}-${rule.traffic.toPort} `;
}
