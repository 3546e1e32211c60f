import type { PolicyDocument } from "../policy/document.ts";
import { readPolicyWithin } from "../policy/read-policy.ts";
import { ok, refuse, type Result } from "../result.ts";
import { iamArn } from "./arn.ts";
import type { Account, Role } from "./account.ts";
import { checkName, checkPath, checkTags, unsatisfied, withTags } from "./check-input.ts";
import { edited, replaced, type Edit, type EditCall } from "./edit.ts";
import { boundaryFault } from "./managed-policies.ts";
import { IAM_QUOTAS } from "./quotas.ts";

export interface CreateRoleInput {
  readonly name: string;
  /** JSON text. */
  readonly trustPolicy: string;
  readonly path?: string;
  readonly description?: string;
  readonly sessionSecondsMax?: number;
  readonly boundary?: string;
  readonly tags?: readonly (readonly [string, string])[];
}

const SESSION_SECONDS_DEFAULT = 3_600;

export function roleNamed(account: Account, name: string): Result<Role> {
  const role = account.roles.find((candidate) => candidate.name === name);
  return role === undefined ? refuse("NoSuchEntity", `The role with name ${name} cannot be found.`) : ok(role);
}

export function createRole(account: Account, input: CreateRoleInput, call: EditCall): Edit<Role> {
  const { name, path = "/", tags = [], sessionSecondsMax = SESSION_SECONDS_DEFAULT } = input;
  const wrong =
    checkName("roleName", name) ??
    checkPath(path) ??
    checkTags(tags) ??
    checkSessionSeconds(sessionSecondsMax) ??
    boundaryFault(account, input.boundary);
  if (wrong !== undefined) return { ok: false, error: wrong };
  if (account.roles.some((role) => role.name.toLowerCase() === name.toLowerCase())) {
    return refuse("EntityAlreadyExists", `Role with name ${name} already exists.`);
  }
  if (account.roles.length >= IAM_QUOTAS.roles) {
    return refuse("LimitExceeded", `Cannot exceed quota for RolesPerAccount: ${IAM_QUOTAS.roles}`);
  }
  const trust = readTrustPolicy(account, input.trustPolicy);
  if (!trust.ok) return trust;
  const role: Role = {
    name,
    id: call.newId("AROA"),
    path,
    arn: iamArn(account.accountId, "role", path, name),
    createdAt: call.now,
    trustPolicy: input.trustPolicy,
    sessionSecondsMax,
    attached: [],
    inline: [],
    tags: withTags({}, tags),
    ...(input.description === undefined ? {} : { description: input.description }),
    ...(input.boundary === undefined ? {} : { boundary: input.boundary }),
  };
  return edited({ ...account, roles: [...account.roles, role] }, role);
}

/** Changes a role's description or the longest session it gives. */
export function updateRole(
  account: Account,
  input: { readonly name: string; readonly description?: string; readonly sessionSecondsMax?: number },
): Edit<Role> {
  const found = roleNamed(account, input.name);
  if (!found.ok) return found;
  const wrong = input.sessionSecondsMax === undefined ? undefined : checkSessionSeconds(input.sessionSecondsMax);
  if (wrong !== undefined) return { ok: false, error: wrong };
  return withRole(account, found.value, {
    ...found.value,
    ...(input.description === undefined ? {} : { description: input.description }),
    ...(input.sessionSecondsMax === undefined ? {} : { sessionSecondsMax: input.sessionSecondsMax }),
  });
}

export function updateTrustPolicy(account: Account, name: string, trustPolicy: string): Edit<Role> {
  const found = roleNamed(account, name);
  if (!found.ok) return found;
  const trust = readTrustPolicy(account, trustPolicy);
  return trust.ok ? withRole(account, found.value, { ...found.value, trustPolicy }) : trust;
}

export function deleteRole(account: Account, name: string): Edit<Role> {
  const found = roleNamed(account, name);
  if (!found.ok) return found;
  const role = found.value;
  if (account.instanceProfiles.some((profile) => profile.roles.includes(role.name))) {
    return refuse("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.");
  }
  if (role.attached.length > 0) return refuse("DeleteConflict", "Cannot delete entity, must detach all policies first.");
  if (role.inline.length > 0) return refuse("DeleteConflict", "Cannot delete entity, must delete policies first.");
  return edited({ ...account, roles: account.roles.filter((candidate) => candidate !== role) }, role);
}

export function withRole(account: Account, before: Role, after: Role): Edit<Role> {
  return edited({ ...account, roles: replaced(account.roles, before, after) }, after);
}

/** Reads a trust policy; principals of this account that it names must be there, as IAM looks up their unique ids. */
function readTrustPolicy(account: Account, text: string): Result<PolicyDocument> {
  const read = readPolicyWithin(text, "trust", IAM_QUOTAS.trustPolicyCharacters, "ACLSizePerRole");
  if (!read.ok) return read;
  const named = read.value.statements.flatMap(({ principal, notPrincipal }) => (principal ?? notPrincipal)?.AWS ?? []);
  const own = `arn:aws:iam::${account.accountId}:`;
  const missing = named.find(
    (arn) =>
      (arn.startsWith(`${own}role/`) && !account.roles.some((role) => role.arn === arn)) ||
      (arn.startsWith(`${own}user/`) && !account.users.some((user) => user.arn === arn)),
  );
  return missing === undefined ? read : refuse("MalformedPolicyDocument", `Invalid principal in policy: "AWS":"${missing}"`);
}

function checkSessionSeconds(seconds: number): ReturnType<typeof unsatisfied> | undefined {
  if (Number.isInteger(seconds) && seconds >= 3_600 && seconds <= 43_200) return undefined;
  const which = seconds < 3_600 ? "greater than or equal to 3600" : "less than or equal to 43200";
  return unsatisfied(String(seconds), "maxSessionDuration", `Member must have value ${which}`);
}
