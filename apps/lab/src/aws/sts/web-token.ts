import type { WebIdentityClaims } from "@slash28/iam";
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, type CompactJWSHeaderParameters } from "jose";
import type { IssuerKeys } from "./issuer-keys.ts";

/** A token that has been taken apart and not yet been believed. */
export interface ReadToken {
  readonly claims: WebIdentityClaims;
  /** Everything in it, for claims beyond those that decide. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What comes of checking a signature. */
export type SignatureCheck = "holds" | "does-not-hold" | "issuer-unreachable";

/** Signatures an identity provider may use with IAM (IAM user guide, "Create an OpenID Connect identity provider"). */
const ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
/** STS API reference, AssumeRoleWithWebIdentity. */
const TOKEN_CHARACTERS_MAX = 20_000;

/** Takes a JWT apart; `undefined` when it is none, or lacks a claim that every ID token has. */
export function readToken(token: string): ReadToken | undefined {
  if (token.length > TOKEN_CHARACTERS_MAX) return undefined;
  try {
    decodeProtectedHeader(token);
    const payload: Readonly<Record<string, unknown>> = decodeJwt(token);
    const { iss, sub, aud, azp, exp, nbf } = payload;
    const audiences = typeof aud === "string" ? [aud] : aud;
    if (typeof iss !== "string" || typeof sub !== "string" || typeof exp !== "number" || !isTextList(audiences)) return undefined;
    const claims = {
      iss,
      sub,
      aud: audiences,
      exp,
      ...(typeof azp === "string" ? { azp } : {}),
      ...(typeof nbf === "number" ? { nbf } : {}),
    };
    return { claims, payload };
  } catch {
    return undefined;
  }
}

/** Checks a token's signature by its issuer's keys. Keys rotate: one that is not known is asked for again, once. */
export async function checkSignature(keys: IssuerKeys, issuer: string, token: string): Promise<SignatureCheck> {
  const first = await attempt(keys, issuer, token, "cached");
  return first === "no-such-key" ? settled(await attempt(keys, issuer, token, "fresh")) : first;
}

function settled(check: SignatureCheck | "no-such-key"): SignatureCheck {
  return check === "no-such-key" ? "does-not-hold" : check;
}

async function attempt(keys: IssuerKeys, issuer: string, token: string, asOf: "cached" | "fresh"): Promise<SignatureCheck | "no-such-key"> {
  let getKey: Awaited<ReturnType<IssuerKeys["of"]>>;
  try {
    getKey = await keys.of(issuer, asOf);
  } catch {
    return "issuer-unreachable";
  }
  try {
    await compactVerify(token, (header: CompactJWSHeaderParameters, jws) => getKey(header, jws), { algorithms: ALGORITHMS });
    return "holds";
  } catch (cause) {
    return cause instanceof errors.JWKSNoMatchingKey ? "no-such-key" : "does-not-hold";
  }
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
