import type { RestRoute, RestSchema } from "./schema.ts";

/** An operation and what its route's labels hold. */
export interface MatchedRoute {
  readonly name: string;
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
    if (best === undefined || labelCount < best.labelCount) best = { name: route.name, labels, labelCount };
  }
  return best;
}

/** Whether any operation of the service has this path, by any method. */
export function hasPath(schema: RestSchema, path: string): boolean {
  const segments = segmentsOf(path);
  return routesOf(schema).some((route) => labelsOf(route, segments) !== undefined);
}

/** A part of a route's path: text that must stand there, or the name of what does. */
type Part = { readonly text: string } | { readonly label: string };

interface NamedRoute {
  readonly name: string;
  readonly method: string;
  readonly parts: readonly Part[];
}

const ROUTES = new WeakMap<RestSchema, readonly NamedRoute[]>();

function routesOf(schema: RestSchema): readonly NamedRoute[] {
  const known = ROUTES.get(schema);
  if (known !== undefined) return known;
  const routes = [
    ...Object.entries(schema.operations).map(([name, route]) => namedRoute(name, route)),
    ...schema.otherActions.map((route) => namedRoute(route.name, route)),
  ];
  ROUTES.set(schema, routes);
  return routes;
}

function namedRoute(name: string, { method, path }: RestRoute): NamedRoute {
  const parts = segmentsOf(path).map((text): Part => {
    const label = /^\{(\w+)\}$/.exec(text)?.[1];
    return label === undefined ? { text } : { label };
  });
  return { name, method, parts };
}

function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, "").split("/").slice(1);
}

function labelsOf({ parts }: NamedRoute, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (parts.length !== segments.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? "";
    if ("text" in part) {
      if (segment !== part.text) return undefined;
      continue;
    }
    const value = decoded(segment);
    if (value === undefined || value === "") return undefined;
    labels[part.label] = value;
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
