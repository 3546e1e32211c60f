import type { Credentials } from "@aws-sdk/client-sts";
import type { IssuedSession } from "../identity/index.ts";

export function wireCredentials({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: IssuedSession): Credentials {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: new Date(expiresAt),
  };
}
