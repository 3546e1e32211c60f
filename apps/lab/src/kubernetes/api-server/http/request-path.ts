/** What a URL path asks for, of those that name resources. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/**
 * Reads `/api/v1/…` and `/apis/<group>/<version>/…` (Kubernetes API concepts, "Resource URIs"). `undefined` when the path names no
 * resource type.
 */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = decodedParts(path);
  if (parts === undefined) return undefined;
  const [root, ...rest] = parts;
  const [group, version, ...inside] = root === "api" ? ["", ...rest] : root === "apis" ? rest : [];
  if (group === undefined || version === undefined || inside.length === 0) return undefined;
  const [first = "", second, third, fourth, fifth] = inside;
  if (inside.length > 5) return undefined;
  const isInNamespace = first === "namespaces" && third !== undefined && !(inside.length === 3 && NAMESPACE_PARTS.has(third));
  if (!isInNamespace) {
    if (inside.length > 3) return undefined;
    return { group, version, plural: first, ...given("name", second), ...given("subresource", third) };
  }
  return { group, version, plural: third, ...given("namespace", second), ...given("name", fourth), ...given("subresource", fifth) };
}

/** Subresources of namespaces themselves; no resource type has such a name. */
const NAMESPACE_PARTS = new Set(["status", "finalize"]);

function given<K extends string>(field: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [field]: value } as { readonly [P in K]?: string });
}

function decodedParts(path: string): readonly string[] | undefined {
  const parts = path.split("/").slice(1);
  if (parts.at(-1) === "") parts.pop();
  try {
    const decoded = parts.map(decodeURIComponent);
    return decoded.every(isSegment) ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** What can be a name at all (upstream's path segment names); a slash or dots would be a way to somewhere else. */
function isSegment(part: string): boolean {
  return part !== "" && part !== "." && part !== ".." && !/[/%\0]/.test(part);
}
