import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** Reads an identity provider's public documents. */
export interface IssuerDocuments {
  /** The JSON at an `https://` address; rejects when it cannot be had. */
  read(url: string): Promise<unknown>;
}

export interface IssuerKeys {
  /** The keys an issuer signs with, by its discovery document. Rejects when the issuer cannot be reached or makes no sense. */
  of(issuer: string, asOf: "cached" | "fresh"): Promise<JWTVerifyGetKey>;
}

/** Keys are asked for again after this long; a token with a key that is not among them asks at once. */
const CACHED_MS = 300_000;
/** At most one question in this time because of unknown keys, whatever tokens come. */
const REFRESH_MIN_MS = 5_000;
const ISSUERS_MAX = 100;

/** OpenID Connect Discovery 1.0: `<issuer>/.well-known/openid-configuration` names the key set. */
export function createIssuerKeys(documents: IssuerDocuments, now: () => number): IssuerKeys {
  const cached = new Map<string, { readonly at: number; readonly keys: Promise<JWTVerifyGetKey> }>();
  return {
    of(issuer, asOf) {
      const known = cached.get(issuer);
      const maxAgeMs = asOf === "cached" ? CACHED_MS : REFRESH_MIN_MS;
      if (known !== undefined && now() - known.at < maxAgeMs) return known.keys;
      const keys = discover(documents, issuer);
      if (cached.size >= ISSUERS_MAX) cached.clear();
      cached.set(issuer, { at: now(), keys });
      keys.catch(() => cached.delete(issuer));
      return keys;
    },
  };
}

async function discover(documents: IssuerDocuments, issuer: string): Promise<JWTVerifyGetKey> {
  const configuration = await documents.read(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (typeof configuration !== "object" || configuration === null) throw new Error("the discovery document is not an object");
  const { issuer: named, jwks_uri: keysUrl } = configuration as Readonly<Record<string, unknown>>;
  if (named !== issuer) throw new Error(`the discovery document is of the issuer ${String(named)}`);
  if (typeof keysUrl !== "string") throw new Error("the discovery document names no jwks_uri");
  return createLocalJWKSet((await documents.read(keysUrl)) as JSONWebKeySet);
}
