import { ELEMENT_SETS, MASQUERADE, REFUSE, SERVICES_TABLE, type ElementSet, type NodeTable } from "./node-table.ts";
import type { Family } from "./service-rules.ts";

/** The bit that kube-proxy marks packets with on their way to masquerading; upstream's. */
const MASQUERADE_BIT = "0x4000";
/** Elements per command: a line has to stay readable to nft. */
const ELEMENTS_AT_ONCE = 500;

/** An `nft -f` file that replaces a whole table in one transaction; other tables are not touched. */
export function renderTable(table: NodeTable): string {
  const { family } = table;
  return [
    `add table ${family} ${SERVICES_TABLE}`,
    `delete table ${family} ${SERVICES_TABLE}`,
    `add table ${family} ${SERVICES_TABLE}`,
    ...fixedParts(family),
    ...changesBetween(emptyTable(family), table),
    "",
  ].join("\n");
}

/** An `nft -f` file that turns one table into another, touching only what differs; empty when nothing does. */
export function renderChange(before: NodeTable, after: NodeTable): string {
  const changes = changesBetween(before, after);
  return changes.length === 0 ? "" : `${changes.join("\n")}\n`;
}

/** `nft` text that takes everything away; fine when nothing is there. */
export function renderNoServices(family: Family = "ip"): string {
  return `add table ${family} ${SERVICES_TABLE}\ndelete table ${family} ${SERVICES_TABLE}\n`;
}

function emptyTable(family: Family): NodeTable {
  return { family, chains: new Map(), stickySets: new Map(), elements: new Map() };
}

/** Chains come before what leads to them and go after it; all of it is one transaction. */
function changesBetween(before: NodeTable, after: NodeTable): string[] {
  const own = `${after.family} ${SERVICES_TABLE}`;
  const address = after.family === "ip" ? "ipv4_addr" : "ipv6_addr";
  const changedSets = [...after.stickySets].filter(
    ([name, seconds]) => before.stickySets.has(name) && before.stickySets.get(name) !== seconds,
  );
  const renewed = new Set(changedSets.map(([name]) => name));
  const newSets = [...after.stickySets].filter(([name]) => !before.stickySets.has(name) || renewed.has(name));
  const goneSets = [...before.stickySets.keys()].filter((name) => !after.stickySets.has(name) || renewed.has(name));
  const goneChains = [...before.chains.keys()].filter((name) => !after.chains.has(name));
  const newChains = [...after.chains.keys()].filter((name) => !before.chains.has(name));
  const isChanged = (name: string, rules: readonly string[]): boolean =>
    before.chains.get(name)?.join("\n") !== rules.join("\n") || rules.some((rule) => [...renewed].some((set) => rule.includes(`@${set} `)));
  const changedChains = [...after.chains].filter(([name, rules]) => isChanged(name, rules));
  return [
    ...newChains.map((name) => `add chain ${own} ${name}`),
    ...changedChains.filter(([name]) => before.chains.has(name)).map(([name]) => `flush chain ${own} ${name}`),
    ...goneChains.map((name) => `flush chain ${own} ${name}`),
    ...goneSets.map((name) => `delete set ${own} ${name}`),
    ...newSets.map(([name, seconds]) => `add set ${own} ${name} { type ${address}; flags dynamic,timeout; timeout ${seconds}s; }`),
    ...changedChains.flatMap(([name, rules]) => rules.map((rule) => `add rule ${own} ${name} ${rule}`)),
    ...ELEMENT_SETS.flatMap((set) => elementChanges(own, set, before, after)),
    ...goneChains.map((name) => `delete chain ${own} ${name}`),
  ];
}

function elementChanges(own: string, set: ElementSet, before: NodeTable, after: NodeTable): string[] {
  const was = before.elements.get(set) ?? new Map<string, string>();
  const is = after.elements.get(set) ?? new Map<string, string>();
  const gone = [...was].filter(([key, value]) => is.get(key) !== value).map(([key]) => key);
  const come = [...is].filter(([key, value]) => was.get(key) !== value).map(([key, value]) => (value === "" ? key : `${key} : ${value}`));
  return [...commands(`delete element ${own} ${set}`, gone), ...commands(`add element ${own} ${set}`, come)];
}

function commands(head: string, elements: readonly string[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < elements.length; at += ELEMENTS_AT_ONCE)
    lines.push(`${head} { ${elements.slice(at, at + ELEMENTS_AT_ONCE).join(", ")} }`);
  return lines;
}

/**
 * What does not depend on services. Destinations are rewritten in nat prerouting and output at priority -100, before the agent's own
 * prerouting chain at -90: the kernel asks no further nat chain about a connection that has been rewritten, so the agent does not take
 * a service's address for one outside the VPC. Sources are rewritten in two cases: a pod that reaches itself through a service must see
 * another source than itself, and an answer to a client from outside must come back through this node.
 */
function fixedParts(family: Family): string[] {
  const address = family === "ip" ? "ipv4_addr" : "ipv6_addr";
  const icmp = family === "ip" ? "icmp" : "icmpv6";
  // Of the node's own addresses those that only it can reach are no node port's: loopback, and the metadata service's.
  const unreachable = family === "ip" ? "{ 127.0.0.0/8, 169.254.0.0/16 }" : "{ ::1, fe80::/10 }";
  const socket = `${family} daddr . meta l4proto . th dport`;
  const nodePort = `fib daddr type local ${family} daddr != ${unreachable} meta l4proto . th dport`;
  return [
    `table ${family} ${SERVICES_TABLE} {`,
    `\tmap services { type ${address} . inet_proto . inet_service : verdict; }`,
    "\tmap node-ports { type inet_proto . inet_service : verdict; }",
    `\tmap unserved { type ${address} . inet_proto . inet_service : verdict; }`,
    "\tmap unserved-node-ports { type inet_proto . inet_service : verdict; }",
    `\tset hairpins { type ${address} . ${address}; }`,
    `\tchain ${MASQUERADE} {`,
    `\t\tmeta mark set meta mark or ${MASQUERADE_BIT}`,
    "\t}",
    "\tchain dispatch {",
    `\t\t${socket} vmap @services`,
    `\t\t${nodePort} vmap @node-ports`,
    "\t}",
    "\tchain prerouting {",
    "\t\ttype nat hook prerouting priority -100; policy accept;",
    "\t\tjump dispatch",
    "\t}",
    "\tchain output {",
    "\t\ttype nat hook output priority -100; policy accept;",
    "\t\tjump dispatch",
    "\t}",
    "\tchain postrouting {",
    "\t\ttype nat hook postrouting priority 90; policy accept;",
    `\t\tct status dnat ${family} saddr . ${family} daddr @hairpins masquerade fully-random`,
    `\t\tmeta mark and ${MASQUERADE_BIT} != 0 meta mark set meta mark xor ${MASQUERADE_BIT} masquerade fully-random`,
    "\t}",
    `\tchain ${REFUSE} {`,
    // Linux takes an ICMPv6 error for a socket that is just connecting as a passing one: the client would hear of it a second later.
    ...(family === "ip6" ? ["\t\tmeta l4proto tcp reject with tcp reset"] : []),
    `\t\treject with ${icmp} type port-unreachable`,
    "\t}",
    // A nat chain cannot refuse: what no endpoint serves from here is refused or dropped where its packets would pass on.
    "\tchain unserved-check {",
    `\t\t${socket} vmap @unserved`,
    `\t\t${nodePort} vmap @unserved-node-ports`,
    "\t}",
    ...["input", "forward", "output"].flatMap((hook) => [
      `\tchain filter-${hook} {`,
      `\t\ttype filter hook ${hook} priority -10; policy accept;`,
      "\t\tct state new jump unserved-check",
      "\t}",
    ]),
    "}",
  ];
}
