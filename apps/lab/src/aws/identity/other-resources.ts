import type { Account } from "@slash28/iam";
import type { Attempt } from "../gate.ts";

/** Where the resources of services other than EC2 live. */
export interface ResourcePlace {
  readonly region: string;
  readonly account: Account;
}

/** ARNs an attempt on a service other than EC2 bears on; `*` where none can be told from its input. */
export function otherResources(place: ResourcePlace, attempt: Attempt): readonly string[] {
  switch (attempt.service) {
    case "iam":
      return [iamResource(place.account, attempt)];
    case "eks":
    case "eks-auth":
      return eksResource(place, attempt);
    default:
      return namedArns(attempt.input);
  }
}

/** IAM's resource of an action is what it changes or shows, even where a policy's ARN comes along. */
function iamResource(account: Account, { action, input }: Attempt): string {
  const own = (rest: string): string => `arn:aws:iam::${account.accountId}:${rest}`;
  const text = (member: string): string | undefined => (typeof input[member] === "string" ? input[member] : undefined);
  const named = (kind: string, list: ReadonlyArray<{ readonly name: string; readonly arn: string }>, name: string): string =>
    list.find((item) => item.name === name)?.arn ?? own(`${kind}${text("Path") ?? "/"}${name}`);
  const profile = text("InstanceProfileName");
  if (profile !== undefined) return named("instance-profile", account.instanceProfiles, profile);
  const role = text("RoleName");
  if (role !== undefined) return named("role", account.roles, role);
  const user = text("UserName");
  if (user !== undefined) return named("user", account.users, user);
  const arn = text("PolicyArn") ?? text("OpenIDConnectProviderArn") ?? text("PolicySourceArn");
  if (arn !== undefined) return arn;
  if (action === "CreatePolicy") return own(`policy${text("Path") ?? "/"}${text("PolicyName") ?? ""}`);
  if (action === "CreateOpenIDConnectProvider") return own(`oidc-provider/${(text("Url") ?? "").replace(/^https:\/\//, "")}`);
  return LISTED[action] === undefined ? "*" : own(LISTED[action]);
}

/** What IAM calls the resource of a list: the path it is taken from. */
const LISTED: Readonly<Record<string, string>> = {
  ListInstanceProfiles: "instance-profile/",
  ListOpenIDConnectProviders: "oidc-provider/*",
  ListPolicies: "policy path /",
  ListRoles: "role/",
  ListUsers: "user/",
};

function eksResource({ region, account }: ResourcePlace, { input }: Attempt): readonly string[] {
  const name = input["clusterName"] ?? input["name"];
  if (typeof name !== "string") return namedArns(input);
  return [`arn:aws:eks:${region}:${account.accountId}:cluster/${name}`];
}

function namedArns(input: Readonly<Record<string, unknown>>): readonly string[] {
  const arns = Object.entries(input)
    .filter(([member]) => /arns?$/i.test(member))
    .flatMap(([, value]) => (Array.isArray(value) ? (value as readonly unknown[]) : [value]))
    .filter((value): value is string => typeof value === "string" && value.startsWith("arn:"));
  return arns.length === 0 ? ["*"] : arns;
}
