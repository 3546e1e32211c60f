/** `arn:aws:iam::111122223333:role/path/name`; IAM is global, so no Region. */
export function iamArn(accountId: string, kind: string, path: string, name: string): string {
  return `arn:aws:iam::${accountId}:${kind}${path}${name}`;
}

/** The ARN that stands for all of an account. */
export function rootArn(accountId: string): string {
  return `arn:aws:iam::${accountId}:root`;
}

/** The ARN of a role's session; the role's path is not in it. */
export function assumedRoleArn(accountId: string, roleName: string, sessionName: string): string {
  return `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`;
}

/** Account and name behind a role's ARN; the path belongs to neither. */
export function readRoleArn(arn: string): { readonly accountId: string; readonly name: string } | undefined {
  const match = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(arn);
  return match === null ? undefined : { accountId: match[1] ?? "", name: match[2] ?? "" };
}
