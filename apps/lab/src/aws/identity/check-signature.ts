import type { Attempt, SignedRequest } from "../gate.ts";
import { isSignatureOf, signingTime } from "../wire/signature.ts";

/** How far a client's clock may be off (IAM User Guide, "Signature Version 4 request elements"). */
const SKEW_MS = 5 * 60_000;

const HEADER = /^AWS4-HMAC-SHA256\s+Credential=[^/,\s]+\/([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** What is wrong with the signature of an attempt, by the secret of its access key; `undefined` when it holds. */
export function signatureFault({ signed }: Pick<Attempt, "signed">, secret: string, nowMs: number): "signature" | "stale" | undefined {
  if (signed === undefined) return "signature";
  const [, scope = "", signedHeaders = "", given = ""] = HEADER.exec(signed.headers.get("authorization") ?? "") ?? [];
  const dateTime = signed.headers.get("x-amz-date") ?? "";
  const signedAt = signingTime(dateTime);
  // A signature that leaves the host or the time out would do for other endpoints and for ever.
  const names = signedHeaders.split(";");
  if (signedAt === undefined || !names.includes("host") || !names.includes("x-amz-date")) return "signature";
  if (!isSignatureOf(given, { ...partsOf(signed), signedHeaders, scope, dateTime }, secret)) return "signature";
  return Math.abs(nowMs - signedAt) > SKEW_MS ? "stale" : undefined;
}

function partsOf({ method, url, headers, body }: SignedRequest) {
  const { pathname, searchParams } = new URL(url);
  return { method, path: pathname, query: searchParams, header: (name: string) => headers.get(name) ?? "", body };
}
