import type { Attributes, ResourceAttributes } from "@slash28/kube-rbac";

import { isSet } from "../http/api-call.ts";
import type { ResourcePath } from "../http/request-path.ts";

const BY_METHOD: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

const SELECTED_NAME = /(?:^|,)metadata\.name==?([^,]+)/;

/** What a request wants, as authorization looks at it (Kubernetes docs, "Determine the request verb"). */
export function attributesOf(method: string, url: URL, path: ResourcePath | undefined): Attributes {
  if (path === undefined) return { verb: method.toLowerCase(), path: url.pathname };
  const name = path.name ?? selectedName(url.searchParams);
  return {
    verb: verbOf(method, url.searchParams, path),
    group: path.group,
    resource: path.plural,
    ...(path.subresource === undefined ? {} : { subresource: path.subresource }),
    // A namespace is in itself: roles inside it may give access to it.
    ...namespaceOf(path),
    ...(name === undefined ? {} : { name }),
  } satisfies ResourceAttributes;
}

function namespaceOf(path: ResourcePath): { readonly namespace?: string } {
  if (path.namespace !== undefined) return { namespace: path.namespace };
  const isItself = path.group === "" && path.plural === "namespaces" && path.name !== undefined;
  return isItself && path.name !== undefined ? { namespace: path.name } : {};
}

function verbOf(method: string, query: URLSearchParams, path: ResourcePath): string {
  const verb = BY_METHOD[method] ?? method.toLowerCase();
  if (verb === "get" && isSet(query, "watch")) return "watch";
  if (path.name !== undefined) return verb;
  if (verb === "get") return "list";
  return verb === "delete" ? "deletecollection" : verb;
}

/** A collection narrowed to one name is that object's, for rules with `resourceNames`. */
function selectedName(query: URLSearchParams): string | undefined {
  return SELECTED_NAME.exec(query.get("fieldSelector") ?? "")?.[1];
}
