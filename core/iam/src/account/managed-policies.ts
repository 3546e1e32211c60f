import { AWS_MANAGED_POLICIES } from "../managed-policies/index.ts";
import { readPolicyWithin } from "../policy/read-policy.ts";
import { ok, refuse, type IamError, type Result } from "../result.ts";
import { iamArn } from "./arn.ts";
import type { Account, ManagedPolicy, PolicyVersion } from "./account.ts";
import { checkName, checkPath, checkTags, withTags } from "./check-input.ts";
import { edited, replaced, type Edit, type EditCall } from "./edit.ts";
import { IAM_QUOTAS } from "./quotas.ts";

export interface CreatePolicyInput {
  readonly name: string;
  readonly document: string;
  readonly path?: string;
  readonly description?: string;
  readonly tags?: readonly (readonly [string, string])[];
}

/** A managed policy by its ARN, the account's own or one of AWS. */
export function managedPolicy(account: Account, arn: string): Result<ManagedPolicy> {
  const found = AWS_MANAGED_POLICIES.get(arn) ?? account.policies.find((policy) => policy.arn === arn);
  if (found !== undefined) return ok(found);
  if (/^arn:aws[a-z-]*:iam::(?:aws|\d{12}):policy\/.+$/.test(arn)) {
    return refuse("NoSuchEntity", `Policy ${arn} does not exist or is not attachable.`);
  }
  return refuse("ValidationError", `ARN ${arn} is not valid.`);
}

/** Why a policy cannot bound a role or a user: there must be one of that ARN. */
export function boundaryFault(account: Account, arn: string | undefined): IamError | undefined {
  const found = arn === undefined ? undefined : managedPolicy(account, arn);
  return found?.ok === false ? found.error : undefined;
}

export function defaultDocument(policy: ManagedPolicy): string {
  return policy.versions.find(({ id }) => id === policy.defaultVersion)?.document ?? "";
}

/** Names of the roles and users a managed policy is attached to. */
export function attachmentsOf(account: Account, arn: string): { readonly roles: readonly string[]; readonly users: readonly string[] } {
  const names = (list: Account["roles"] | Account["users"]): readonly string[] =>
    list.filter(({ attached }) => attached.includes(arn)).map(({ name }) => name);
  return { roles: names(account.roles), users: names(account.users) };
}

export function createPolicy(account: Account, input: CreatePolicyInput, call: EditCall): Edit<ManagedPolicy> {
  const { name, path = "/", tags = [] } = input;
  const wrong = checkName("policyName", name, 128) ?? checkPath(path) ?? checkTags(tags);
  if (wrong !== undefined) return { ok: false, error: wrong };
  if (account.policies.some((policy) => policy.name.toLowerCase() === name.toLowerCase())) {
    return refuse("EntityAlreadyExists", `A policy called ${name} already exists. Duplicate names are not allowed.`);
  }
  if (account.policies.length >= IAM_QUOTAS.customerPolicies) {
    return refuse("LimitExceeded", `Cannot exceed quota for PoliciesPerAccount: ${IAM_QUOTAS.customerPolicies}`);
  }
  const read = readManagedDocument(input.document);
  if (!read.ok) return read;
  const policy: ManagedPolicy = {
    name,
    id: call.newId("ANPA"),
    path,
    arn: iamArn(account.accountId, "policy", path, name),
    createdAt: call.now,
    updatedAt: call.now,
    defaultVersion: "v1",
    versions: [{ id: "v1", document: input.document, createdAt: call.now }],
    versionsMade: 1,
    tags: withTags({}, tags),
    ...(input.description === undefined ? {} : { description: input.description }),
  };
  return edited({ ...account, policies: [...account.policies, policy] }, policy);
}

export function deletePolicy(account: Account, arn: string): Edit<ManagedPolicy> {
  const found = ownPolicy(account, arn);
  if (!found.ok) return found;
  const { roles, users } = attachmentsOf(account, arn);
  if (roles.length + users.length > 0) return refuse("DeleteConflict", "Cannot delete a policy attached to entities.");
  if (found.value.versions.length > 1) {
    return refuse(
      "DeleteConflict",
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
    );
  }
  return edited({ ...account, policies: account.policies.filter((policy) => policy !== found.value) }, found.value);
}

export function createPolicyVersion(
  account: Account,
  input: { readonly arn: string; readonly document: string; readonly isDefault: boolean },
  call: EditCall,
): Edit<PolicyVersion> {
  const found = ownPolicy(account, input.arn);
  if (!found.ok) return found;
  const before = found.value;
  const read = readManagedDocument(input.document);
  if (!read.ok) return read;
  if (before.versions.length >= IAM_QUOTAS.versionsPerPolicy) {
    const message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
    return refuse("LimitExceeded", message);
  }
  const version = { id: `v${before.versionsMade + 1}`, document: input.document, createdAt: call.now };
  const after = {
    ...before,
    versions: [version, ...before.versions],
    versionsMade: before.versionsMade + 1,
    updatedAt: call.now,
    defaultVersion: input.isDefault ? version.id : before.defaultVersion,
  };
  return edited({ ...account, policies: replaced(account.policies, before, after) }, version);
}

export function deletePolicyVersion(account: Account, arn: string, versionId: string): Edit<PolicyVersion> {
  const found = ownVersion(account, arn, versionId);
  if (!found.ok) return found;
  const { policy, version } = found.value;
  if (policy.defaultVersion === versionId) return refuse("DeleteConflict", "Cannot delete the default version of a policy.");
  const after = { ...policy, versions: policy.versions.filter((candidate) => candidate !== version) };
  return edited({ ...account, policies: replaced(account.policies, policy, after) }, version);
}

export function setDefaultVersion(account: Account, arn: string, versionId: string, now: number): Edit<PolicyVersion> {
  const found = ownVersion(account, arn, versionId);
  if (!found.ok) return found;
  const { policy, version } = found.value;
  const after = { ...policy, defaultVersion: versionId, updatedAt: now };
  return edited({ ...account, policies: replaced(account.policies, policy, after) }, version);
}

export function versionOf(policy: ManagedPolicy, versionId: string): Result<PolicyVersion> {
  const version = policy.versions.find(({ id }) => id === versionId);
  if (version !== undefined) return ok(version);
  return refuse("NoSuchEntity", `Policy ${policy.arn} version ${versionId} does not exist or is not attachable.`);
}

function ownVersion(
  account: Account,
  arn: string,
  versionId: string,
): Result<{ readonly policy: ManagedPolicy; readonly version: PolicyVersion }> {
  const found = ownPolicy(account, arn);
  if (!found.ok) return found;
  const version = versionOf(found.value, versionId);
  return version.ok ? ok({ policy: found.value, version: version.value }) : version;
}

/** AWS's own policies are nobody's to change. */
export function ownPolicy(account: Account, arn: string): Result<ManagedPolicy> {
  if (AWS_MANAGED_POLICIES.has(arn)) return refuse("AccessDenied", `${arn} is an AWS managed policy and cannot be changed.`);
  return managedPolicy(account, arn);
}

function readManagedDocument(text: string): ReturnType<typeof readPolicyWithin> {
  return readPolicyWithin(text, "identity", IAM_QUOTAS.managedPolicyCharacters, "PolicySize");
}
