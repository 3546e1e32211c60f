import { OPEN_KEYS, type Identities } from "../../aws/index.ts";
import type { IamCallers } from "./iam-authenticator.ts";

/** Callers as the lab's IAM and STS know them. */
export function iamCallers({ callers }: Pick<Identities, "callers">): IamCallers {
  return {
    arnOf(accessKeyId, sessionToken) {
      const recognised = callers.recognise(accessKeyId === "" ? undefined : accessKeyId, sessionToken);
      return recognised.ok ? recognised.caller.arn : undefined;
    },
    secretOf: (accessKeyId) => (accessKeyId === OPEN_KEYS.accessKeyId ? OPEN_KEYS.secretAccessKey : callers.secretOf(accessKeyId)),
  };
}
