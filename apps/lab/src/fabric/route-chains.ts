import { routerLink } from "./names.ts";
import type { Topology } from "./topology.ts";

/** The chain of a route table. */
export function tableChainName(id: string): string {
  return `routes-${id}`;
}

/** A table as a chain, each route as its rule: the longest range that fits decides, and what fits none is dropped. */
export function tableChain<R extends { readonly destination: { readonly length: number } }>(
  name: string,
  routes: readonly R[],
  rule: (route: R) => string,
): string[] {
  const longestFirst = routes.toSorted((a, b) => b.destination.length - a.destination.length);
  return [`chain ${name} {`, ...longestFirst.map((route) => `  ${rule(route)}`), "  counter drop", "}"];
}

/** The rule that sends what comes from an ENI through the table of its subnet; none without such ENIs. */
export function jumpsToTables(topology: Topology): string[] {
  const tables = new Set(topology.routeTables.map(({ id }) => id));
  const enis = topology.instances.flatMap((instance) => instance.enis).filter((eni) => tables.has(eni.routeTable));
  const jumps = enis.map((eni) => `"${routerLink(eni.id)}" : jump ${tableChainName(eni.routeTable)}`);
  return jumps.length === 0 ? [] : [`  iifname vmap { ${jumps.join(", ")} }`];
}
