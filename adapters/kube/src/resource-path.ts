import type { KubeResource, ListOptions } from "@slash28/ports";

export interface PathParts {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The URL path of a collection, an object or its subresource. */
export function resourcePath(resource: KubeResource, parts: PathParts = {}): string {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const namespace = parts.namespace === undefined ? "" : `/namespaces/${encodeURIComponent(parts.namespace)}`;
  const name = parts.name === undefined ? "" : `/${encodeURIComponent(parts.name)}`;
  const subresource = parts.subresource === undefined ? "" : `/${parts.subresource}`;
  return `${root}${namespace}/${resource.plural}${name}${subresource}`;
}

/** The query of a list or a watch, with a leading `?` where there is any. */
export function listQuery(options: ListOptions | undefined, more: Readonly<Record<string, string | undefined>> = {}): string {
  const query = new URLSearchParams();
  const given = { labelSelector: options?.labelSelector, fieldSelector: options?.fieldSelector, ...more };
  for (const [key, value] of Object.entries(given)) if (value !== undefined && value !== "") query.set(key, value);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
