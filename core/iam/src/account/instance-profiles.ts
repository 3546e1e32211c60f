import { ok, refuse, type Result } from "../result.ts";
import { iamArn } from "./arn.ts";
import type { Account, InstanceProfile } from "./account.ts";
import { checkName, checkPath, checkTags, withTags } from "./check-input.ts";
import { edited, replaced, type Edit, type EditCall } from "./edit.ts";
import { IAM_QUOTAS } from "./quotas.ts";
import { roleNamed } from "./roles.ts";

export interface CreateInstanceProfileInput {
  readonly name: string;
  readonly path?: string;
  readonly tags?: readonly (readonly [string, string])[];
}

export function instanceProfileNamed(account: Account, name: string): Result<InstanceProfile> {
  const profile = account.instanceProfiles.find((candidate) => candidate.name === name);
  return profile === undefined ? refuse("NoSuchEntity", `Instance Profile ${name} cannot be found.`) : ok(profile);
}

export function createInstanceProfile(
  account: Account,
  { name, path = "/", tags = [] }: CreateInstanceProfileInput,
  call: EditCall,
): Edit<InstanceProfile> {
  const wrong = checkName("instanceProfileName", name, 128) ?? checkPath(path) ?? checkTags(tags);
  if (wrong !== undefined) return { ok: false, error: wrong };
  if (account.instanceProfiles.some((profile) => profile.name.toLowerCase() === name.toLowerCase())) {
    return refuse("EntityAlreadyExists", `Instance Profile ${name} already exists.`);
  }
  if (account.instanceProfiles.length >= IAM_QUOTAS.instanceProfiles) {
    return refuse("LimitExceeded", `Cannot exceed quota for InstanceProfilesPerAccount: ${IAM_QUOTAS.instanceProfiles}`);
  }
  const profile: InstanceProfile = {
    name,
    id: call.newId("AIPA"),
    path,
    arn: iamArn(account.accountId, "instance-profile", path, name),
    createdAt: call.now,
    tags: withTags({}, tags),
    roles: [],
  };
  return edited({ ...account, instanceProfiles: [...account.instanceProfiles, profile] }, profile);
}

export function deleteInstanceProfile(account: Account, name: string): Edit<InstanceProfile> {
  const found = instanceProfileNamed(account, name);
  if (!found.ok) return found;
  if (found.value.roles.length > 0) {
    return refuse("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.");
  }
  const rest = account.instanceProfiles.filter((profile) => profile !== found.value);
  return edited({ ...account, instanceProfiles: rest }, found.value);
}

export function addRoleToInstanceProfile(account: Account, profileName: string, roleName: string): Edit<InstanceProfile> {
  const found = instanceProfileNamed(account, profileName);
  if (!found.ok) return found;
  const role = roleNamed(account, roleName);
  if (!role.ok) return role;
  if (found.value.roles.length > 0) return refuse("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
  return withRoles(account, found.value, [role.value.name]);
}

export function removeRoleFromInstanceProfile(account: Account, profileName: string, roleName: string): Edit<InstanceProfile> {
  const found = instanceProfileNamed(account, profileName);
  if (!found.ok) return found;
  if (!found.value.roles.includes(roleName)) return refuse("NoSuchEntity", `The role with name ${roleName} cannot be found.`);
  return withRoles(account, found.value, []);
}

function withRoles(account: Account, before: InstanceProfile, roles: readonly string[]): Edit<InstanceProfile> {
  const after = { ...before, roles };
  return edited({ ...account, instanceProfiles: replaced(account.instanceProfiles, before, after) }, after);
}
