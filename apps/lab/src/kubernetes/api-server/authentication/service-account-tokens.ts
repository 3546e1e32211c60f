import { randomUUID } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { serviceAccountGroups, serviceAccountUser } from "@slash28/kube-rbac";
import { at, type Store } from "@slash28/kube-store";

import type { Identity, IssuedToken } from "../face.ts";
import { timeText } from "../time-text.ts";
import { accountClaimsOf, LEGACY_ISSUER, legacyPayload, type AccountClaims, type BoundObject } from "./account-claims.ts";
import { ALGORITHM, type SigningKeys } from "./signing-keys.ts";
import { EVERYONE_KNOWN } from "./well-known-identities.ts";

/** What became of a token. `why` is for its sender: it never holds the token. */
export type TokenVerdict =
  | { readonly ok: true; readonly identity: Identity; readonly audiences: readonly string[] }
  | { readonly ok: false; readonly why: string; readonly isForeign?: boolean };

export interface TokenOrder {
  readonly namespace: string;
  readonly account: BoundObject;
  readonly audiences: readonly string[];
  readonly seconds: number;
  readonly pod?: BoundObject | undefined;
  readonly node?: BoundObject | undefined;
  readonly secret?: BoundObject | undefined;
}

export interface TokensOptions {
  readonly issuer: string;
  /** What the API server itself answers to; the first is given to tokens that ask for nothing else. */
  readonly audiences: readonly string[];
  readonly keys: SigningKeys;
  readonly store: Store;
  readonly now: () => number;
}

/** Verified tokens remembered, so that a busy client costs one signature check. */
const REMEMBERED_MAX = 4096;
/** An object that is going is still there for its token this long (upstream's leeway). */
const GOING_LEEWAY_MS = 60_000;
const NOT_OURS: TokenVerdict = { ok: false, why: "the token is none of this cluster", isForeign: true };

/** Signs service account tokens (RS256, as IAM's OIDC providers ask for) and knows whom a token belongs to while it is good. */
export class ServiceAccountTokens {
  readonly #options: TokensOptions;
  readonly #remembered = new Map<string, AccountClaims>();

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  get issuer(): string {
    return this.#options.issuer;
  }

  get audiences(): readonly string[] {
    return this.#options.audiences;
  }

  async issue(order: TokenOrder): Promise<IssuedToken> {
    const now = this.#options.now();
    const issuedAt = Math.floor(now / 1000);
    const expiresAt = issuedAt + order.seconds;
    const { pod, node, secret } = order;
    const token = await this.#sign({
      aud: [...order.audiences],
      exp: expiresAt,
      iat: issuedAt,
      iss: this.issuer,
      jti: randomUUID(),
      "kubernetes.io": {
        namespace: order.namespace,
        ...(node === undefined ? {} : { node }),
        ...(pod === undefined ? {} : { pod }),
        ...(secret === undefined ? {} : { secret }),
        serviceaccount: order.account,
      },
      nbf: issuedAt,
      sub: serviceAccountUser(order.namespace, order.account.name),
    });
    return { token, expirationTimestamp: timeText(expiresAt * 1000) };
  }

  /** A token for a Secret: it has no end but that of the Secret and its account. */
  issueForSecret(namespace: string, account: BoundObject, secret: string): Promise<string> {
    return this.#sign(legacyPayload(namespace, account, secret));
  }

  /** Whom the token belongs to. `audiences`: at least one of them must be the token's; empty means the API server's own. */
  async review(token: string, audiences: readonly string[] = []): Promise<TokenVerdict> {
    const claims = this.#remembered.get(token) ?? (await this.#verify(token));
    if ("ok" in claims) return claims;
    const now = this.#options.now();
    const why = untimely(claims, now) ?? this.#lost(token, claims, now);
    if (why !== undefined) return { ok: false, why };
    const wanted = audiences.length === 0 ? this.audiences : audiences;
    // Tokens in Secrets were made for the API server.
    const has = claims.audiences.length === 0 ? this.audiences : claims.audiences;
    const matching = wanted.filter((one) => has.includes(one));
    if (matching.length === 0) {
      return { ok: false, why: `the token is for ${listText(has)}, not for ${listText(wanted)}` };
    }
    return { ok: true, identity: identityOf(claims), audiences: matching };
  }

  async #sign(payload: Record<string, unknown>): Promise<string> {
    const { privateKey, keyId } = await this.#options.keys.signer();
    return new SignJWT(payload).setProtectedHeader({ alg: ALGORITHM, kid: keyId }).sign(privateKey);
  }

  async #verify(token: string): Promise<AccountClaims | TokenVerdict> {
    const issuer = issuerOf(token);
    if (issuer !== this.issuer && issuer !== LEGACY_ISSUER) return NOT_OURS;
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = await this.#options.keys.publicKey(kid ?? "");
          if (key === undefined) throw new errors.JWKSNoMatchingKey();
          return key;
        },
        // Times are looked at on every use, also of remembered tokens.
        { algorithms: [ALGORITHM], currentDate: new Date(0), clockTolerance: Number.MAX_SAFE_INTEGER / 1000 },
      );
      const claims = accountClaimsOf(payload);
      if (claims === undefined) return { ok: false, why: "the token does not name a service account of this cluster" };
      this.#remember(token, claims);
      return claims;
    } catch (cause) {
      return { ok: false, why: faultOf(cause) };
    }
  }

  #remember(token: string, claims: AccountClaims): void {
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= REMEMBERED_MAX && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(token, claims);
  }

  /** Which of the objects a token is tied to is gone or another of the same name. */
  #lost(token: string, { namespace, account, pod, node, secret }: AccountClaims, now: number): string | undefined {
    const { store } = this.#options;
    const isThere = (resource: string, object: { readonly name: string; readonly uid?: string }, inNamespace?: string): boolean => {
      const found = store.get(resource, { name: object.name, namespace: inNamespace });
      if (found === undefined || (object.uid !== undefined && found.metadata.uid !== object.uid)) return false;
      const { deletionTimestamp } = found.metadata;
      return deletionTimestamp === undefined || now < Date.parse(deletionTimestamp) + GOING_LEEWAY_MS;
    };
    if (!isThere("serviceaccounts", account, namespace)) return `service account ${namespace}/${account.name} has been deleted`;
    if (pod !== undefined && !isThere("pods", pod, namespace)) return `pod ${namespace}/${pod.name}, which the token was made for, is gone`;
    if (secret !== undefined && !isThere("secrets", secret, namespace))
      return `secret ${namespace}/${secret.name}, which the token is tied to, is gone`;
    if (secret !== undefined && secret.uid === undefined) {
      const stored = at(store.get("secrets", { name: secret.name, namespace }), "data", "token");
      if (stored !== Buffer.from(token).toString("base64")) return `secret ${namespace}/${secret.name} holds another token by now`;
    }
    // A pod's token names its node for information; a token tied to a node alone ends with it.
    if (node !== undefined && pod === undefined && !isThere("nodes", node)) return `node ${node.name}, which the token is tied to, is gone`;
    return undefined;
  }
}

function untimely({ expiresAt, notBefore }: AccountClaims, now: number): string | undefined {
  if (expiresAt !== undefined && now >= expiresAt * 1000) return `the token expired at ${timeText(expiresAt * 1000)}`;
  if (notBefore !== undefined && now < notBefore * 1000) return `the token is not good before ${timeText(notBefore * 1000)}`;
  return undefined;
}

function identityOf({ namespace, account, id, pod, node }: AccountClaims): Identity {
  const extra: Record<string, readonly string[]> = {
    ...(id === undefined ? {} : { "authentication.kubernetes.io/credential-id": [`JTI=${id}`] }),
    ...boundExtra("pod", pod),
    ...boundExtra("node", node),
  };
  return {
    name: serviceAccountUser(namespace, account.name),
    uid: account.uid,
    groups: [...serviceAccountGroups(namespace), EVERYONE_KNOWN],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function boundExtra(kind: "pod" | "node", bound: BoundObject | undefined): Readonly<Record<string, readonly string[]>> {
  if (bound === undefined) return {};
  return { [`authentication.kubernetes.io/${kind}-name`]: [bound.name], [`authentication.kubernetes.io/${kind}-uid`]: [bound.uid] };
}

/** Who a token says it is of, before anything about it is checked; only to tell whose check to ask. */
function issuerOf(token: string): unknown {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  try {
    return at(JSON.parse(Buffer.from(payload, "base64url").toString()), "iss");
  } catch {
    return undefined;
  }
}

function faultOf(cause: unknown): string {
  if (cause instanceof errors.JWKSNoMatchingKey) return "the token is signed with a key that this cluster does not have";
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "the token's signature does not hold";
  if (cause instanceof errors.JOSEAlgNotAllowed) return `the token is not signed with ${ALGORITHM}`;
  return "the token is not a well-formed JSON Web Token";
}

function listText(audiences: readonly string[]): string {
  return audiences.map((one) => JSON.stringify(one)).join(", ");
}
