import { generateKeyPairSync, type KeyObject } from "node:crypto";

import { certificatePem, type DistinguishedName } from "./certificate.ts";

const DAY_MS = 86_400_000;
const VALID_MS = 365 * DAY_MS;
/** Clocks of machines differ a little; a certificate born this moment must be good on all of them. */
const BACKDATED_MS = 5 * 60_000;
const AUTHORITY_NAME: DistinguishedName = [["CN", "slash28-lab-ca"]];

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Authority {
  readonly caPem: string;
  /** A serving certificate for these DNS names and addresses. */
  issueServer(names: readonly string[]): KeyPair;
  /** A client certificate: Kubernetes takes the user from CN and the groups from O. */
  issueClient(user: string, groups: readonly string[]): KeyPair;
}

/** A certificate authority of the cluster's own, kept in memory. */
export function createAuthority(now: number): Authority {
  const own = newKeys();
  const life = { issuer: AUTHORITY_NAME, signingKey: own.privateKey, notBefore: now - BACKDATED_MS, notAfter: now + VALID_MS };
  const issue = (subject: DistinguishedName, usage: "server" | "client", names: readonly string[]): KeyPair => {
    const keys = newKeys();
    return {
      certPem: certificatePem({ ...life, subject, usage, names, publicKey: keys.publicKey }),
      keyPem: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    };
  };
  return {
    caPem: certificatePem({ ...life, subject: AUTHORITY_NAME, usage: "authority", names: [], publicKey: own.publicKey }),
    issueServer: (names) => issue([["CN", "kube-apiserver"]], "server", names),
    issueClient: (user, groups) => issue([...groups.map((group) => ["O", group] as const), ["CN", user]], "client", []),
  };
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}
