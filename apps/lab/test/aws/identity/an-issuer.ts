import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import type { IssuerDocuments } from "../../../src/aws/index.ts";

export const ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF";

/** An issuer of service account tokens as a cluster is one, with a key that can be rotated and a network that can fail. */
export interface Issuer {
  readonly documents: IssuerDocuments;
  reads: number;
  isReachable: boolean;
  /** A new key; the old one is gone from the key set. */
  rotate(): Promise<void>;
  token(claims?: JWTPayload, seconds?: number): Promise<string>;
}

export async function anIssuer(nowMs: () => number): Promise<Issuer> {
  let kid = 0;
  let keys = await generateKeyPair("RS256", { modulusLength: 2048 });
  const issuer: Issuer = {
    reads: 0,
    isReachable: true,
    documents: {
      read: async (url) => {
        issuer.reads++;
        if (!issuer.isReachable) throw new Error("connection refused");
        if (url === `${ISSUER}/.well-known/openid-configuration`) return { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` };
        if (url !== `${ISSUER}/keys`) throw new Error(`404 ${url}`);
        return { keys: [{ ...(await exportJWK(keys.publicKey)), kid: String(kid), alg: "RS256", use: "sig" }] };
      },
    },
    async rotate() {
      kid++;
      keys = await generateKeyPair("RS256", { modulusLength: 2048 });
    },
    token(claims = {}, seconds = 3600) {
      const nowS = Math.floor(nowMs() / 1000);
      return new SignJWT({ "kubernetes.io": { pod: { name: "api-0", uid: "0000-1111" } }, ...claims })
        .setProtectedHeader({ alg: "RS256", kid: String(kid) })
        .setIssuer(claims.iss ?? ISSUER)
        .setSubject(claims.sub ?? "system:serviceaccount:web:api")
        .setAudience(claims.aud ?? "sts.amazonaws.com")
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + seconds)
        .sign(keys.privateKey);
    },
  };
  return issuer;
}
