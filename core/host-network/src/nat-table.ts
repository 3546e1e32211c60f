import { cidr4Contains, formatCidr4, formatIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import type { NftablesItem } from "./network-items.ts";
import type { HostWiring } from "./pod-wiring.ts";

const TABLE = "slash28";

/** Chain priorities: after conntrack; after kube-proxy's DNAT, so that service addresses are seen translated; after its masquerading. */
const MANGLE = "mangle";
const AFTER_DNAT = "dstnat + 10";
const AFTER_MASQUERADE = "srcnat + 10";

/**
 * Source NAT and connection marks of a node, as one nftables table of our own.
 *
 * - Traffic to destinations outside the VPC leaves with the primary address of the node, which alone has a way to the internet.
 * - Such connections of pods are marked, and so are node-port connections that came in at the primary ENI: rule 1024 sends
 *   marked packets through the main table, whatever table the pod's own address points to.
 *
 * The rules mean the same as those of the Amazon VPC CNI; chains that have nothing to do are left out.
 */
export function natTable(wiring: HostWiring, primaryLink: string, primaryAddress: Ipv4): NftablesItem {
  const chains = [
    preroutingMangle(wiring, primaryLink),
    ...(wiring.snat.mode === "node" ? [preroutingOutbound(wiring), markOutbound(wiring), postrouting(wiring, primaryAddress)] : []),
  ].filter((chain) => chain.rules.length > 0);
  return { kind: "nftables", family: "ip", table: TABLE, text: `table ip ${TABLE} {\n${chains.map(renderChain).join("\n")}}\n` };
}

/** Commands that put the table in place of the one there, in one transaction: no packet meets a gap. */
export function replaceTableCommands({ family, table, text }: NftablesItem): string {
  return `add table ${family} ${table}\ndelete table ${family} ${table}\n${text}`;
}

interface Chain {
  readonly name: string;
  /** Absent for a chain that is only jumped to. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

function renderChain({ name, hook, rules }: Chain): string {
  const lines = hook === undefined ? rules : [hook, ...rules];
  return `\tchain ${name} {\n${lines.map((line) => `\t\t${line}\n`).join("")}\t}\n`;
}

function preroutingMangle(wiring: HostWiring, primaryLink: string): Chain {
  const mark = hex(wiring.connectionMark);
  const rules: string[] = [];
  if (wiring.nodePorts) rules.push(`iifname "${primaryLink}" fib daddr . iif type local ct mark set ct mark | ${mark}`);
  if (wiring.nodePorts || wiring.snat.mode === "node") {
    rules.push(`iifname "${wiring.vethPrefix}*" ct mark & ${mark} == ${mark} meta mark set meta mark | ${mark}`);
  }
  return { name: "prerouting-mark", hook: `type filter hook prerouting priority ${MANGLE}; policy accept;`, rules };
}

/**
 * Not a chain of type nat: the kernel asks no further one once a service's DNAT has matched, and connections to a service whose
 * endpoint lies outside the VPC would leave unmarked, by the wrong ENI (amazon-vpc-cni-k8s #3563).
 */
function preroutingOutbound(wiring: HostWiring): Chain {
  return {
    name: "prerouting-outbound",
    hook: `type filter hook prerouting priority ${AFTER_DNAT}; policy accept;`,
    rules: [`iifname "${wiring.vethPrefix}*" ct state new fib daddr type != local jump mark-outbound`],
  };
}

function markOutbound(wiring: HostWiring): Chain {
  const mark = hex(wiring.connectionMark);
  return {
    name: "mark-outbound",
    rules: [...insideReturns(wiring), `ct mark set ct mark | ${mark}`, `meta mark set meta mark | ${mark}`],
  };
}

function postrouting(wiring: HostWiring, primaryAddress: Ipv4): Chain {
  return {
    name: "postrouting-snat",
    hook: `type nat hook postrouting priority ${AFTER_MASQUERADE}; policy accept;`,
    rules: [
      ...insideReturns(wiring),
      `oifname != "vlan*" fib daddr type != local snat to ${formatIpv4(primaryAddress)}${portFlag(wiring)}`,
    ],
  };
}

/** Destinations that see the pod's own address: the VPC's ranges and the excluded ones. */
function insideReturns(wiring: HostWiring): readonly string[] {
  const excluded = wiring.snat.mode === "node" ? wiring.snat.excluded : [];
  return outermost([...wiring.vpcCidrs, ...excluded]).map((range) =>
    range.length === 0 ? "return" : `ip daddr ${rangeText(range)} return`,
  );
}

/** nft lists a /32 as a bare address. */
function rangeText(range: Cidr4): string {
  return range.length === 32 ? formatIpv4(range.base) : formatCidr4(range);
}

/** The ranges without those that lie inside another one, lowest first. */
function outermost(ranges: readonly Cidr4[]): readonly Cidr4[] {
  const kept: Cidr4[] = [];
  for (const range of ranges.toSorted((a, b) => a.base - b.base || a.length - b.length)) {
    if (!kept.some((outer) => cidr4Contains(outer, range))) kept.push(range);
  }
  return kept;
}

/** How source ports are chosen: `prng` fully at random, `hashrandom` by a keyed hash, `none` kept when free. */
function portFlag(wiring: HostWiring): string {
  if (wiring.snat.mode === "external") return "";
  switch (wiring.snat.port) {
    case "prng":
      return " fully-random";
    case "hashrandom":
      return " random";
    case "none":
      return "";
    default:
      return wiring.snat.port satisfies never;
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
