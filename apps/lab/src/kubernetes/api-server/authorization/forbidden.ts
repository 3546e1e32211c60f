import { isPath, refusalText, type Attributes, type UserInfo } from "@slash28/kube-rbac";
import type { ApiFailure } from "@slash28/kube-store";

import { storageName } from "../resources/resource-definition.ts";

/** The 403 for somebody who may not: `pods "a" is forbidden: User "ann" cannot get resource "pods" in API group "" …`. */
export function forbiddenTo(user: UserInfo, attributes: Attributes, reason: string): ApiFailure {
  const why = reason === "" ? refusalText(user, attributes) : `${refusalText(user, attributes)}: ${reason}`;
  if (isPath(attributes)) return { code: 403, reason: "Forbidden", message: `forbidden: ${why}`, details: {} };
  const { group, resource, name } = attributes;
  const what = storageName(group, resource);
  const details = { ...(name === undefined ? {} : { name }), ...(group === "" ? {} : { group }), kind: resource };
  const message = `${name === undefined || name === "" ? what : `${what} ${JSON.stringify(name)}`} is forbidden: ${why}`;
  return { code: 403, reason: "Forbidden", message, details };
}
