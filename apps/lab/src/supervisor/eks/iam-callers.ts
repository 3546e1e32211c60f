import type { Identities } from "../../aws/index.ts";
import type { IamCallers } from "./iam-authenticator.ts";

/** The keys `slash28 lab env` tells operators to use. */
const LAB_KEYS = { id: "slash28", secret: "slash28" } as const;

/** Callers as the lab's IAM and STS know them. */
export function iamCallers({ callers, sessions, account }: Identities): IamCallers {
  return {
    arnOf(accessKeyId, sessionToken) {
      const recognised = callers.recognise(accessKeyId === "" ? undefined : accessKeyId, sessionToken);
      return recognised.ok ? recognised.caller.arn : undefined;
    },
    secretOf(accessKeyId) {
      if (accessKeyId === LAB_KEYS.id) return LAB_KEYS.secret;
      const keys = account.read().users.flatMap((user) => user.accessKeys);
      return sessions.find(accessKeyId)?.secretAccessKey ?? keys.find(({ id }) => id === accessKeyId)?.secret;
    },
  };
}
