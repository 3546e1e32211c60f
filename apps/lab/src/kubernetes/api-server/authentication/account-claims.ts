import { at, isFields, listOf, numberOf, textOf } from "@slash28/kube-store";

export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** What a service account's token says of itself (Kubernetes docs, "Schema for service account private claims"). */
export interface AccountClaims {
  readonly namespace: string;
  readonly account: BoundObject;
  readonly audiences: readonly string[];
  /** Seconds since the epoch; absent for the tokens kept in Secrets. */
  readonly expiresAt?: number | undefined;
  readonly notBefore?: number | undefined;
  readonly id?: string | undefined;
  readonly pod?: BoundObject | undefined;
  readonly node?: BoundObject | undefined;
  readonly secret?: { readonly name: string; readonly uid?: string } | undefined;
}

export const LEGACY_ISSUER = "kubernetes/serviceaccount";
const LEGACY = "kubernetes.io/serviceaccount/";

/** Reads the claims of a token whose signature holds; `undefined` when they are not those of a service account. */
export function accountClaimsOf(payload: unknown): AccountClaims | undefined {
  if (!isFields(payload)) return undefined;
  return payload["iss"] === LEGACY_ISSUER ? legacyClaims(payload) : boundClaims(payload);
}

function boundClaims(payload: Readonly<Record<string, unknown>>): AccountClaims | undefined {
  const own = payload["kubernetes.io"];
  const namespace = textOf(at(own, "namespace"));
  const account = boundObjectOf(at(own, "serviceaccount"));
  const expiresAt = numberOf(payload["exp"]);
  if (namespace === undefined || account === undefined || expiresAt === undefined) return undefined;
  if (payload["sub"] !== `system:serviceaccount:${namespace}:${account.name}`) return undefined;
  return {
    namespace,
    account,
    audiences: typeof payload["aud"] === "string" ? [payload["aud"]] : listOf(payload["aud"]).filter((one) => typeof one === "string"),
    expiresAt,
    notBefore: numberOf(payload["nbf"]),
    id: textOf(payload["jti"]),
    pod: boundObjectOf(at(own, "pod")),
    node: boundObjectOf(at(own, "node")),
    secret: boundObjectOf(at(own, "secret")),
  };
}

function legacyClaims(payload: Readonly<Record<string, unknown>>): AccountClaims | undefined {
  const text = (name: string): string | undefined => textOf(payload[`${LEGACY}${name}`]);
  const [namespace, name, uid, secret] = [
    text("namespace"),
    text("service-account.name"),
    text("service-account.uid"),
    text("secret.name"),
  ];
  if (namespace === undefined || name === undefined || uid === undefined || secret === undefined) return undefined;
  return { namespace, account: { name, uid }, audiences: [], secret: { name: secret } };
}

export function legacyPayload(namespace: string, account: BoundObject, secret: string): Record<string, unknown> {
  return {
    iss: LEGACY_ISSUER,
    [`${LEGACY}namespace`]: namespace,
    [`${LEGACY}secret.name`]: secret,
    [`${LEGACY}service-account.name`]: account.name,
    [`${LEGACY}service-account.uid`]: account.uid,
    sub: `system:serviceaccount:${namespace}:${account.name}`,
  };
}

function boundObjectOf(value: unknown): BoundObject | undefined {
  const name = textOf(at(value, "name"));
  const uid = textOf(at(value, "uid"));
  return name === undefined || uid === undefined ? undefined : { name, uid };
}
