import { createHash } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type CryptoKey, type JWK } from "jose";

import type { KeyRing, SavedSigningKey } from "./cluster-keys.ts";

export const ALGORITHM = "RS256";
/** How long a public key is still shown and accepted after its last signature: the longest life of a token. */
const KEPT_AFTER_MS = 86_400_000;
const PRIVATE_FIELDS = ["d", "p", "q", "dp", "dq", "qi"] as const;

export interface Signer {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
}

/** The keys that service account tokens are signed with: one that signs, and those that signed before it while their tokens live. */
export class SigningKeys {
  readonly #ring: KeyRing;
  readonly #now: () => number;
  readonly #imported = new Map<string, Promise<CryptoKey>>();
  #signer: Promise<Signer> | undefined;

  constructor(ring: KeyRing, now: () => number) {
    this.#ring = ring;
    this.#now = now;
  }

  signer(): Promise<Signer> {
    this.#signer ??= this.#newest() ?? this.#begin();
    return this.#signer;
  }

  /** From now on a fresh key signs. Tokens of the one before stay good until they expire. */
  async rotate(): Promise<void> {
    await this.signer();
    this.#signer = this.#begin();
    await this.#signer;
  }

  /** The public key of this id; `undefined` when no token of it can be good. */
  publicKey(keyId: string): Promise<CryptoKey> | undefined {
    const saved = this.#saved().find(({ jwk }) => jwk.kid === keyId);
    if (saved === undefined) return undefined;
    let key = this.#imported.get(keyId);
    if (key === undefined) {
      key = importJWK(publicPart(saved.jwk), ALGORITHM) as Promise<CryptoKey>;
      this.#imported.set(keyId, key);
    }
    return key;
  }

  /** The public keys as a JSON Web Key Set (RFC 7517), for whoever checks tokens by themselves. */
  async keySet(): Promise<{ readonly keys: readonly JWK[] }> {
    await this.signer();
    return { keys: this.#saved().map(({ jwk }) => publicPart(jwk)) };
  }

  #saved(): readonly SavedSigningKey[] {
    return this.#ring.keys.signing ?? [];
  }

  #newest(): Promise<Signer> | undefined {
    const jwk = this.#saved().at(-1)?.jwk;
    if (jwk?.d === undefined || jwk.kid === undefined) return undefined;
    const keyId = jwk.kid;
    return importJWK(jwk, ALGORITHM).then((privateKey) => ({ keyId, privateKey: privateKey as CryptoKey }));
  }

  async #begin(): Promise<Signer> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const keyId = keyIdOf(await exportSPKI(publicKey));
    const jwk = { ...(await exportJWK(privateKey)), use: "sig", kid: keyId, alg: ALGORITHM };
    const now = this.#now();
    // A key stops signing when its successor begins.
    const before = this.#saved().filter((_one, index, all) => (all[index + 1]?.since ?? now) + KEPT_AFTER_MS > now);
    this.#ring.change({ signing: [...before.map((one) => ({ ...one, jwk: publicPart(one.jwk) })), { jwk, since: now }] });
    return { keyId, privateKey };
  }
}

function publicPart(jwk: JWK): JWK {
  const open = { ...jwk };
  for (const field of PRIVATE_FIELDS) delete open[field];
  return open;
}

/** As Kubernetes names a key: the SHA-256 of its DER form (RFC 5280 SubjectPublicKeyInfo), base64url without padding. */
function keyIdOf(spkiPem: string): string {
  const der = Buffer.from(spkiPem.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
  return createHash("sha256").update(der).digest("base64url");
}
