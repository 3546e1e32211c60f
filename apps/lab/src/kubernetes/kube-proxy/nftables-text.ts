import type { ServiceRoute } from "./service-rules.ts";

/** The table kube-proxy owns in a node's namespace; nothing else writes to it. */
export const SERVICES_TABLE = "slash28-services";

/**
 * One node's services as an `nft -f` file that replaces the whole table in one transaction.
 *
 * Destinations are rewritten in nat prerouting and output at priority -100, before the agent's own prerouting chain at -90. The
 * kernel asks no further nat chain about a connection that has been rewritten, so the agent does not take a service's address
 * for one outside the VPC. Source translation here happens in one case only: a pod that reaches itself through a service must
 * see another source than itself.
 */
export function renderServices(routes: readonly ServiceRoute[]): string {
  const names = new Map(routes.map((route, index) => [route, `service-${index}`]));
  const served = routes.filter((route) => route.backends.length > 0);
  const lines = [
    `add table ip ${SERVICES_TABLE}`,
    `delete table ip ${SERVICES_TABLE}`,
    `table ip ${SERVICES_TABLE} {`,
    ...addressMap(routes, names),
    ...nodePortMap(routes, names),
    ...hairpinSet(served),
    ...routes.flatMap((route) => serviceChain(route, names.get(route) ?? "")),
    ...BASE_CHAINS,
    "}",
    "",
  ];
  return lines.join("\n");
}

/** `nft` text that takes everything away; fine when nothing is there. */
export function renderNoServices(): string {
  return `add table ip ${SERVICES_TABLE}\ndelete table ip ${SERVICES_TABLE}\n`;
}

const BASE_CHAINS = [
  "\tchain dispatch {",
  "\t\tip daddr . meta l4proto . th dport vmap @services",
  "\t\tfib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @node-ports",
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
  "\t\tct status dnat ip saddr . ip daddr @hairpins masquerade fully-random",
  "\t}",
  // A nat chain cannot refuse, so services without endpoints are refused where their packets would pass on.
  "\tchain refuse {",
  "\t\tip daddr . meta l4proto . th dport @refused reject with icmp type port-unreachable",
  "\t}",
  "\tchain filter-forward {",
  "\t\ttype filter hook forward priority -10; policy accept;",
  "\t\tct state new jump refuse",
  "\t}",
  "\tchain filter-output {",
  "\t\ttype filter hook output priority -10; policy accept;",
  "\t\tct state new jump refuse",
  "\t}",
];

function addressMap(routes: readonly ServiceRoute[], names: ReadonlyMap<ServiceRoute, string>): string[] {
  const key = (route: ServiceRoute, address: string): string => `${address} . ${route.protocol} . ${route.port}`;
  const served = new Map<string, string>();
  const refused = new Set<string>();
  for (const route of routes) {
    for (const address of route.addresses) {
      // Two services may claim one external address; the first keeps it.
      if (served.has(key(route, address)) || refused.has(key(route, address))) continue;
      if (route.backends.length > 0) served.set(key(route, address), `goto ${names.get(route)}`);
      else refused.add(key(route, address));
    }
  }
  return [
    "\tmap services {",
    "\t\ttype ipv4_addr . inet_proto . inet_service : verdict",
    ...elements([...served].map(([from, to]) => `${from} : ${to}`)),
    "\t}",
    "\tset refused {",
    "\t\ttype ipv4_addr . inet_proto . inet_service",
    ...elements([...refused]),
    "\t}",
  ];
}

function nodePortMap(routes: readonly ServiceRoute[], names: ReadonlyMap<ServiceRoute, string>): string[] {
  const entries = routes.flatMap((route) =>
    route.nodePort === undefined || route.backends.length === 0 ? [] : [`${route.protocol} . ${route.nodePort} : goto ${names.get(route)}`],
  );
  return ["\tmap node-ports {", "\t\ttype inet_proto . inet_service : verdict", ...elements(entries), "\t}"];
}

function hairpinSet(served: readonly ServiceRoute[]): string[] {
  const addresses = new Set(served.flatMap((route) => route.backends.map(({ address }) => address)));
  const pairs = [...addresses].sort().map((address) => `${address} . ${address}`);
  return ["\tset hairpins {", "\t\ttype ipv4_addr . ipv4_addr", ...elements(pairs), "\t}"];
}

function serviceChain(route: ServiceRoute, name: string): string[] {
  if (route.backends.length === 0) return [];
  return [`\tchain ${name} {`, `\t\tcomment "${route.title}"`, `\t\tmeta l4proto ${route.protocol} dnat ip to ${choice(route)}`, "\t}"];
}

/** The expression that names an endpoint: itself, one by chance, or for sticky clients one by their address. */
function choice({ backends, isSticky }: ServiceRoute): string {
  const [only] = backends;
  if (only !== undefined && backends.length === 1) return `${only.address}:${only.port}`;
  const entries = backends.map(({ address, port }, index) => `${index} : ${address} . ${port}`);
  const number = isSticky ? "jhash ip saddr" : "numgen random";
  return `${number} mod ${backends.length} map { ${entries.join(", ")} }`;
}

function elements(entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : ["\t\telements = {", ...entries.map((entry) => `\t\t\t${entry},`), "\t\t}"];
}
