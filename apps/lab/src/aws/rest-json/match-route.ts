import type { RestRoute, RestSchema } from "./schema.ts";

/** An operation and what its route's labels hold. */
export interface MatchedRoute {
  readonly name: string;
  readonly isServed: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The operations whose route a path fits, whatever its method: a literal segment goes before a label. A path can fit several, one per method.
 * @param path as it was sent, still percent-encoded
 */
export function matchRoute(schema: RestSchema, method: string, path: string): MatchedRoute | undefined {
  const segments = segmentsOf(path);
  let best: (MatchedRoute & { readonly labelCount: number }) | undefined;
  for (const route of routesOf(schema)) {
    if (route.method !== method) continue;
    const labels = labelsOf(route, segments);
    if (labels === undefined) continue;
    const labelCount = Object.keys(labels).length;
    if (best === undefined || labelCount < best.labelCount) best = { name: route.name, isServed: route.isServed, labels, labelCount };
  }
  return best;
}

/** Whether any operation of the service has this path, by any method. */
export function hasPath(schema: RestSchema, path: string): boolean {
  const segments = segmentsOf(path);
  return routesOf(schema).some((route) => labelsOf(route, segments) !== undefined);
}

type NamedRoute = RestRoute & { readonly name: string; readonly isServed: boolean };

const ROUTES = new WeakMap<RestSchema, readonly NamedRoute[]>();

function routesOf(schema: RestSchema): readonly NamedRoute[] {
  const known = ROUTES.get(schema);
  if (known !== undefined) return known;
  const served = Object.entries(schema.operations).map(([name, route]) => ({ ...route, name, isServed: true }));
  const routes = [...served, ...schema.otherActions.map((route) => ({ ...route, isServed: false }))];
  ROUTES.set(schema, routes);
  return routes;
}

function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, "").split("/").slice(1);
}

function labelsOf(route: RestRoute, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const wanted = segmentsOf(route.path);
  if (wanted.length !== segments.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, template] of wanted.entries()) {
    const segment = segments[index] ?? "";
    const label = /^\{(\w+)\}$/.exec(template)?.[1];
    if (label === undefined) {
      if (segment !== template) return undefined;
      continue;
    }
    const value = decoded(segment);
    if (value === undefined || value === "") return undefined;
    labels[label] = value;
  }
  return labels;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
