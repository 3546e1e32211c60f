/** Who asks. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A request to a resource: what is wanted, of which type, where. */
export interface ResourceAttributes {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, or one of the special verbs such as `bind`. */
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  /** Absent for cluster-wide resources, and for a request across all namespaces. */
  readonly namespace?: string | undefined;
  /** Absent for collections. */
  readonly name?: string | undefined;
}

/** A request to a path that names no resource, such as `/healthz`. */
export interface PathAttributes {
  /** The HTTP method in lower case. */
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

export function isPath(attributes: Attributes): attributes is PathAttributes {
  return "path" in attributes;
}

/** `pods`, or `pods/log` for a part of one. */
export function resourceText({ resource, subresource }: ResourceAttributes): string {
  return subresource === undefined || subresource === "" ? resource : `${resource}/${subresource}`;
}

/** What a user may not do, in the words that follow `is forbidden: ` in an answer of the API server. */
export function refusalText(user: UserInfo, attributes: Attributes): string {
  const who = JSON.stringify(user.name);
  if (isPath(attributes)) return `User ${who} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}`;
  const { verb, group, namespace } = attributes;
  const what = `User ${who} cannot ${verb} resource ${JSON.stringify(resourceText(attributes))} in API group ${JSON.stringify(group)}`;
  return namespace === undefined || namespace === ""
    ? `${what} at the cluster scope`
    : `${what} in the namespace ${JSON.stringify(namespace)}`;
}
