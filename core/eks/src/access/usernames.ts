import type { Principal } from "../arns.ts";
import { invalidParameter } from "../errors.ts";
import type { EksError } from "../result.ts";

/** The username an entry gets that names none: a user's ARN; for a role its sessions, each by its own name. */
export function usernameOf(principalArn: string, { kind, accountId, name }: Principal): string {
  return kind === "user" ? principalArn : `arn:aws:sts::${accountId}:assumed-role/${name}/{{SessionName}}`;
}

const RESERVED = ["system:", "eks:", "aws:", "amazon:", "iam:"];

/** Why a custom username is refused (EKS User Guide, "Create access entries"). */
export function usernameFault(username: string): EksError | undefined {
  const prefix = RESERVED.find((one) => username.startsWith(one));
  return prefix === undefined ? undefined : invalidParameter(`The username cannot begin with ${prefix}`);
}

/** A username as the API server shows it: placeholders filled in. */
export function filledUsername(
  template: string,
  { accountId, session }: { readonly accountId: string; readonly session: string | undefined },
): string {
  return template
    .replaceAll("{{SessionName}}", (session ?? "").replaceAll("@", "-"))
    .replaceAll("{{SessionNameRaw}}", session ?? "")
    .replaceAll("{{AccountID}}", accountId);
}
