import type { PodCredentials } from "./exchange.ts";

/**
 * What an SDK reads at `/v1/credentials`, JSON in this order of keys ("Container credential provider", AWS SDKs and Tools Reference).
 * @param isoTime a time in milliseconds as ISO 8601 in UTC has it; a fraction of zeros is left out
 */
export function credentialsText(credentials: PodCredentials, isoTime: (ms: number) => string): string {
  const { accessKeyId, secretAccessKey, sessionToken, accountId, expiresAtMs } = credentials;
  return JSON.stringify({
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    AccountId: accountId,
    Expiration: isoTime(expiresAtMs).replace(/\.?0*Z$/, "Z"),
  });
}
