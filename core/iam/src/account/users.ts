import { ok, refuse, type Result } from "../result.ts";
import { iamArn } from "./arn.ts";
import type { AccessKey, Account, User } from "./account.ts";
import { checkName, checkPath, checkTags, withTags } from "./check-input.ts";
import { edited, replaced, type Edit, type EditCall } from "./edit.ts";
import { boundaryFault } from "./managed-policies.ts";
import { IAM_QUOTAS } from "./quotas.ts";

export interface CreateUserInput {
  readonly name: string;
  readonly path?: string;
  readonly boundary?: string;
  readonly tags?: readonly (readonly [string, string])[];
}

export function userNamed(account: Account, name: string): Result<User> {
  const user = account.users.find((candidate) => candidate.name === name);
  return user === undefined ? refuse("NoSuchEntity", `The user with name ${name} cannot be found.`) : ok(user);
}

export function createUser(account: Account, { name, path = "/", boundary, tags = [] }: CreateUserInput, call: EditCall): Edit<User> {
  const wrong = checkName("userName", name) ?? checkPath(path) ?? checkTags(tags) ?? boundaryFault(account, boundary);
  if (wrong !== undefined) return { ok: false, error: wrong };
  if (account.users.some((user) => user.name.toLowerCase() === name.toLowerCase())) {
    return refuse("EntityAlreadyExists", `User with name ${name} already exists.`);
  }
  if (account.users.length >= IAM_QUOTAS.users) {
    return refuse("LimitExceeded", `Cannot exceed quota for UsersPerAccount: ${IAM_QUOTAS.users}`);
  }
  const user: User = {
    name,
    id: call.newId("AIDA"),
    path,
    arn: iamArn(account.accountId, "user", path, name),
    createdAt: call.now,
    tags: withTags({}, tags),
    attached: [],
    inline: [],
    accessKeys: [],
    ...(boundary === undefined ? {} : { boundary }),
  };
  return edited({ ...account, users: [...account.users, user] }, user);
}

export function deleteUser(account: Account, name: string): Edit<User> {
  const found = userNamed(account, name);
  if (!found.ok) return found;
  const user = found.value;
  if (user.accessKeys.length > 0) return refuse("DeleteConflict", "Cannot delete entity, must delete access keys first.");
  if (user.attached.length > 0) return refuse("DeleteConflict", "Cannot delete entity, must detach all policies first.");
  if (user.inline.length > 0) return refuse("DeleteConflict", "Cannot delete entity, must delete policies first.");
  return edited({ ...account, users: account.users.filter((candidate) => candidate !== user) }, user);
}

export function withUser(account: Account, before: User, after: User): Edit<User> {
  return edited({ ...account, users: replaced(account.users, before, after) }, after);
}

export function createAccessKey(account: Account, userName: string, call: EditCall): Edit<AccessKey> {
  const found = userNamed(account, userName);
  if (!found.ok) return found;
  const user = found.value;
  if (user.accessKeys.length >= IAM_QUOTAS.accessKeysPerUser) {
    return refuse("LimitExceeded", `Cannot exceed quota for AccessKeysPerUser: ${IAM_QUOTAS.accessKeysPerUser}`);
  }
  const key: AccessKey = { id: call.newId("AKIA"), secret: call.newSecret(), status: "Active", createdAt: call.now };
  const changed = withUser(account, user, { ...user, accessKeys: [...user.accessKeys, key] });
  return changed.ok ? edited(changed.account, key) : changed;
}

export function updateAccessKey(account: Account, userName: string, keyId: string, status: AccessKey["status"]): Edit<AccessKey> {
  const found = keyOf(account, userName, keyId);
  if (!found.ok) return found;
  const { user, key } = found.value;
  const after = { ...key, status };
  const changed = withUser(account, user, { ...user, accessKeys: replaced(user.accessKeys, key, after) });
  return changed.ok ? edited(changed.account, after) : changed;
}

export function deleteAccessKey(account: Account, userName: string, keyId: string): Edit<AccessKey> {
  const found = keyOf(account, userName, keyId);
  if (!found.ok) return found;
  const { user, key } = found.value;
  const changed = withUser(account, user, { ...user, accessKeys: user.accessKeys.filter((candidate) => candidate !== key) });
  return changed.ok ? edited(changed.account, key) : changed;
}

function keyOf(account: Account, userName: string, keyId: string): Result<{ readonly user: User; readonly key: AccessKey }> {
  const found = userNamed(account, userName);
  if (!found.ok) return found;
  const key = found.value.accessKeys.find(({ id }) => id === keyId);
  if (key === undefined) return refuse("NoSuchEntity", `The Access Key with id ${keyId} cannot be found.`);
  return ok({ user: found.value, key });
}
