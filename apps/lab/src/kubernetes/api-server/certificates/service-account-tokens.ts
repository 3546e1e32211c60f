import { randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";

import type { Identity, IssuedToken, ServiceAccountName, TokenRequest } from "../face.ts";
import { timeText } from "../time-text.ts";

const ALGORITHM = "RS256";
const SHORTEST_SECONDS = 600;
const USUAL_SECONDS = 3600;

interface Known {
  readonly identity: Identity;
  readonly expiresAt: number;
}

interface Signer {
  readonly privateKey: CryptoKey;
  readonly keyId: string;
  readonly jwk: JWK;
}

/** Signs service account tokens (RS256, as IAM's OIDC providers ask for) and knows them again while they are good. */
export class ServiceAccountTokens {
  readonly #known = new Map<string, Known>();
  readonly #issuer: string;
  readonly #now: () => number;
  #signer: Promise<Signer> | undefined;

  constructor(issuer: string, now: () => number) {
    this.#issuer = issuer;
    this.#now = now;
  }

  get issuer(): string {
    return this.#issuer;
  }

  async issue(account: ServiceAccountName, uid: string, request: TokenRequest): Promise<IssuedToken> {
    const { privateKey, keyId } = await this.#key();
    const now = this.#now();
    const seconds = Math.max(SHORTEST_SECONDS, request.expirationSeconds ?? USUAL_SECONDS);
    const expiresAt = now + seconds * 1000;
    const claims = {
      aud: [...(request.audiences ?? [this.#issuer])],
      exp: Math.floor(expiresAt / 1000),
      iat: Math.floor(now / 1000),
      iss: this.#issuer,
      jti: randomUUID(),
      "kubernetes.io": {
        namespace: account.namespace,
        serviceaccount: { name: account.name, uid },
        ...(request.pod === undefined ? {} : { pod: request.pod }),
      },
      nbf: Math.floor(now / 1000),
      sub: `system:serviceaccount:${account.namespace}:${account.name}`,
    };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid: keyId }).sign(privateKey);
    this.#forgetExpired(now);
    const accepted = request.audiences === undefined || request.audiences.includes(this.#issuer);
    if (accepted) this.#known.set(token, { identity: identityOf(account), expiresAt });
    return { token, expirationTimestamp: timeText(expiresAt) };
  }

  identify(token: string): Identity | undefined {
    const known = this.#known.get(token);
    return known !== undefined && known.expiresAt > this.#now() ? known.identity : undefined;
  }

  /** The public key as a JSON Web Key Set (RFC 7517), for whoever checks tokens by themselves. */
  async keySet(): Promise<{ readonly keys: readonly JWK[] }> {
    return { keys: [(await this.#key()).jwk] };
  }

  #key(): Promise<Signer> {
    this.#signer ??= newSigner();
    return this.#signer;
  }

  /** Tokens are kept in the order they were issued, mostly with the same life time, so the oldest end first. */
  #forgetExpired(now: number): void {
    for (const [token, { expiresAt }] of this.#known) {
      if (expiresAt > now) return;
      this.#known.delete(token);
    }
  }
}

export function identityOf({ namespace, name }: ServiceAccountName): Identity {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}

async function newSigner(): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
  const jwk = await exportJWK(publicKey);
  const keyId = await calculateJwkThumbprint(jwk);
  return { privateKey, keyId, jwk: { ...jwk, use: "sig", kid: keyId, alg: ALGORITHM } };
}
