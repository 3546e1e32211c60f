import { serviceAccountGroups, serviceAccountOf } from "@slash28/kube-rbac";

import type { Identity } from "../face.ts";

export const EVERYONE_KNOWN = "system:authenticated";
const EVERYONE_UNKNOWN = "system:unauthenticated";

/** Whoever shows no credentials. */
export const ANONYMOUS: Identity = { name: "system:anonymous", groups: [EVERYONE_UNKNOWN] };

/** The server itself and the controllers in its process. */
export const SERVER: Identity = { name: "system:apiserver", groups: ["system:masters", EVERYONE_KNOWN] };

/** As what the server names itself to itself, where fields' owners are told. */
export const SERVER_CLIENT = "kube-apiserver";

/** The groups that somebody of this name is in because of the name. */
export function groupsByName(name: string): readonly string[] {
  if (name === ANONYMOUS.name) return [EVERYONE_UNKNOWN];
  const account = serviceAccountOf(name);
  return [...(account === undefined ? [] : serviceAccountGroups(account.namespace)), EVERYONE_KNOWN];
}
