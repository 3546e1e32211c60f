import type { Backend, Family, ServiceRoute } from "./service-rules.ts";

/** The table kube-proxy owns in a node's namespace, one per family; nothing else writes to it. */
export const SERVICES_TABLE = "slash28-services";

/** One family's services as nftables has them, by name; what does not depend on services is left out. */
export interface NodeTable {
  readonly family: Family;
  /** Rules of each chain. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Sets of clients that keep an endpoint: how long, in seconds. */
  readonly stickySets: ReadonlyMap<string, number>;
  /** What belongs into each of the fixed maps and sets: values by key, empty for sets. */
  readonly elements: ReadonlyMap<ElementSet, ReadonlyMap<string, string>>;
}

export const ELEMENT_SETS = ["services", "node-ports", "unserved", "unserved-node-ports", "hairpins"] as const;
export type ElementSet = (typeof ELEMENT_SETS)[number];

/** Chains that every table has. */
export const MASQUERADE = "mark-for-masquerade";
export const REFUSE = "refuse";

/** What one node's table must hold for these routes. */
export function nodeTable(family: Family, routes: readonly ServiceRoute[]): NodeTable {
  const draft: Draft = {
    family,
    chains: new Map(),
    stickySets: new Map(),
    elements: new Map(ELEMENT_SETS.map((name) => [name, new Map()])),
  };
  for (const route of routes) if (route.family === family) addRoute(draft, route);
  return draft;
}

interface Draft {
  readonly family: Family;
  readonly chains: Map<string, readonly string[]>;
  readonly stickySets: Map<string, number>;
  readonly elements: Map<ElementSet, Map<string, string>>;
}

function addRoute(draft: Draft, route: ServiceRoute): void {
  const { key, backends, localBackends } = route;
  const isLocalUsed = route.isInternalLocal || route.isExternalLocal;
  if (backends.length > 0) draft.chains.set(`service/${key}`, choice(draft, route, backends));
  if (isLocalUsed && localBackends.length > 0) draft.chains.set(`local/${key}`, choice(draft, route, localBackends));
  for (const { address } of [...backends, ...(isLocalUsed ? localBackends : [])]) put(draft, "hairpins", `${address} . ${address}`, "");

  const at = (address: string): string => `${address} . ${route.protocol} . ${route.port}`;
  const inside = route.isInternalLocal ? localBackends : backends;
  if (inside.length > 0) put(draft, "services", at(route.clusterAddress), `goto ${route.isInternalLocal ? "local" : "service"}/${key}`);
  else put(draft, "unserved", at(route.clusterAddress), verdictOf(backends));
  addExternal(draft, route, at);
}

/** Without any endpoint a client is told at once; with some, but none that it may reach from here, it is not, as upstream has it. */
function verdictOf(backends: readonly Backend[]): string {
  return backends.length === 0 ? `goto ${REFUSE}` : "drop";
}

function addExternal(draft: Draft, route: ServiceRoute, at: (address: string) => string): void {
  const { key, externalAddresses, nodePort, protocol } = route;
  if (externalAddresses.length === 0 && nodePort === undefined) return;
  const port = nodePort === undefined ? undefined : `${protocol} . ${nodePort}`;
  if (route.backends.length > 0) {
    draft.chains.set(`external/${key}`, externalChain(route));
    for (const address of externalAddresses) put(draft, "services", at(address), `goto external/${key}`);
    if (port !== undefined) put(draft, "node-ports", port, `goto external/${key}`);
  }
  if (route.backends.length > 0 && !(route.isExternalLocal && route.localBackends.length === 0)) return;
  for (const address of externalAddresses) put(draft, "unserved", at(address), verdictOf(route.backends));
  if (port !== undefined) put(draft, "unserved-node-ports", port, verdictOf(route.backends));
}

/**
 * What comes from outside is masqueraded, so that the answer comes back this way. With the policy Local it is not: the endpoint is
 * here and sees the client's own address. Pods and the node itself are no outsiders: they reach every endpoint.
 */
function externalChain({ key, isExternalLocal, localBackends }: ServiceRoute): readonly string[] {
  if (!isExternalLocal) return [`jump ${MASQUERADE}`, `goto service/${key}`];
  return [
    `iifname "eni*" goto service/${key}`,
    `fib saddr type local jump ${MASQUERADE}`,
    `fib saddr type local goto service/${key}`,
    ...(localBackends.length === 0 ? [] : [`goto local/${key}`]),
  ];
}

/** The rules that take one of some endpoints: the only one, one by chance, or the one a client had before. */
function choice(draft: Draft, route: ServiceRoute, backends: readonly Backend[]): readonly string[] {
  const { family, protocol, stickySeconds } = route;
  const [only] = backends;
  if (stickySeconds === undefined) {
    if (only !== undefined && backends.length === 1) return [`meta l4proto ${protocol} dnat ${family} to ${socketOf(family, only)}`];
    const entries = backends.map(({ address, port }, index) => `${index} : ${address} . ${port}`);
    return [`meta l4proto ${protocol} dnat ${family} to numgen random mod ${backends.length} map { ${entries.join(", ")} }`];
  }
  const names = backends.map((backend) => stickyEndpoint(draft, route, backend, stickySeconds));
  return [
    ...names.map(({ chain, set }) => `${family} saddr @${set} goto ${chain}`),
    `numgen random mod ${names.length} vmap { ${names.map(({ chain }, index) => `${index} : goto ${chain}`).join(", ")} }`,
  ];
}

function stickyEndpoint(
  draft: Draft,
  route: ServiceRoute,
  backend: Backend,
  seconds: number,
): { readonly chain: string; readonly set: string } {
  const { family, protocol, key } = route;
  // A colon cannot stand in a name.
  const place = `${key}/${backend.address.replaceAll(":", "_")}/${backend.port}`;
  const names = { chain: `endpoint/${place}`, set: `clients/${place}` };
  draft.stickySets.set(names.set, seconds);
  draft.chains.set(names.chain, [
    `update @${names.set} { ${family} saddr }`,
    `meta l4proto ${protocol} dnat ${family} to ${socketOf(family, backend)}`,
  ]);
  return names;
}

function socketOf(family: Family, { address, port }: Backend): string {
  return family === "ip" ? `${address}:${port}` : `[${address}]:${port}`;
}

/** Two services may claim one external address or node port; the first keeps it. */
function put(draft: Draft, set: ElementSet, key: string, value: string): void {
  const elements = draft.elements.get(set);
  if (elements !== undefined && !elements.has(key)) elements.set(key, value);
}
