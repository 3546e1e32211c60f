import type { ResourceAttributes } from "@slash28/kube-rbac";
import { serviceAccountOf } from "@slash28/kube-rbac";
import { badRequest, fail, succeed, type Result } from "@slash28/kube-store";

import type { Authorizer } from "../authorization/authorizer.ts";
import type { Identity } from "../face.ts";
import type { ApiRequest } from "../http/exchange.ts";
import { groupsByName } from "./well-known-identities.ts";

const USER = "impersonate-user";
const UID = "impersonate-uid";
const GROUP = "impersonate-group";
const EXTRA = "impersonate-extra-";
const AUTHENTICATION = "authentication.k8s.io";

interface Wanted {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * Who a request is made as: its sender, or who the sender asks to be taken for, when the sender may (Kubernetes docs, "User
 * impersonation": `kubectl --as`, `--as-group`, `--as-uid`).
 */
export function impersonate(authorizer: Authorizer, sender: Identity, headers: ApiRequest["headers"]): Result<Identity> {
  const wanted = wantedOf(headers);
  if (wanted === undefined) return succeed(sender);
  if (!wanted.ok) return wanted;
  for (const attributes of demandsOf(wanted.value)) {
    const refused = authorizer.refusal(sender, attributes);
    if (refused !== undefined) return fail(refused);
  }
  const { user, uid, groups, extra } = wanted.value;
  const byName = groupsByName(user);
  // Groups that were named replace those of a service account, but whoever is somebody stays known.
  const isNamed = groups.length > 0;
  const all = isNamed ? [...groups, ...byName.filter((group) => group === "system:authenticated")] : byName;
  return succeed({
    name: user,
    ...(uid === undefined ? {} : { uid }),
    groups: [...new Set(all)],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  });
}

function wantedOf(headers: ApiRequest["headers"]): Result<Wanted> | undefined {
  const { [USER]: user = "", [UID]: uid } = headers;
  const groups = listed(headers[GROUP]);
  const extra: Record<string, readonly string[]> = {};
  for (const name of Object.keys(headers)) if (name.startsWith(EXTRA)) extra[decoded(name.slice(EXTRA.length))] = listed(headers[name]);
  if (user === "") {
    const hasMore = uid !== undefined || groups.length > 0 || Object.keys(extra).length > 0;
    return hasMore ? fail(badRequest("requested groups, a UID or extra values to impersonate without a user")) : undefined;
  }
  return succeed({ user, uid, groups, extra });
}

/** Several headers of one name arrive joined by commas. */
function listed(value = ""): readonly string[] {
  return value
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function demandsOf({ user, uid, groups, extra }: Wanted): readonly ResourceAttributes[] {
  const account = serviceAccountOf(user);
  const verb = "impersonate";
  return [
    account === undefined
      ? { verb, group: "", resource: "users", name: user }
      : { verb, group: "", resource: "serviceaccounts", namespace: account.namespace, name: account.name },
    ...(uid === undefined ? [] : [{ verb, group: AUTHENTICATION, resource: "uids", name: uid }]),
    ...groups.map((name) => ({ verb, group: "", resource: "groups", name })),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((name) => ({ verb, group: AUTHENTICATION, resource: "userextras", subresource, name })),
    ),
  ];
}
