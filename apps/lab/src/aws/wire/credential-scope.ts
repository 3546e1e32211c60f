/** What a signature says about the caller. Whether it holds is only looked at where the lab is strict: `identity/check-signature.ts`. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

const HEADER = /^AWS4-HMAC-SHA256\s+.*?Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/;

/** Reads the SigV4 credential scope (AWS General Reference, "Signature Version 4"); `undefined` for an unsigned request. */
export function credentialScope(authorization: string | null): CredentialScope | undefined {
  const match = HEADER.exec(authorization ?? "");
  if (match === null) return undefined;
  const [, accessKeyId = "", region = "", service = ""] = match;
  return { accessKeyId, region, service };
}
