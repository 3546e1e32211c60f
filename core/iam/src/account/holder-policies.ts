import { countedLength, readPolicyWithin } from "../policy/read-policy.ts";
import { ok, refuse, type Result } from "../result.ts";
import type { Account, InlinePolicy, PolicyHolder, Role, User } from "./account.ts";
import { checkName } from "./check-input.ts";
import type { Edit } from "./edit.ts";
import { boundaryFault, managedPolicy } from "./managed-policies.ts";
import { IAM_QUOTAS } from "./quotas.ts";
import { roleNamed, withRole } from "./roles.ts";
import { userNamed, withUser } from "./users.ts";

/** A role or a user by name: both hold policies, by the same rules. */
export interface HolderName {
  readonly kind: "role" | "user";
  readonly name: string;
}

export function holderNamed(account: Account, { kind, name }: HolderName): Result<Role | User> {
  return kind === "role" ? roleNamed(account, name) : userNamed(account, name);
}

export function attachPolicy(account: Account, holder: HolderName, policyArn: string): Edit<PolicyHolder> {
  return changeHolder(account, holder, (before) => {
    const policy = managedPolicy(account, policyArn);
    if (!policy.ok) return policy;
    if (before.attached.includes(policyArn)) return ok(before);
    if (before.attached.length >= IAM_QUOTAS.attachedPolicies) {
      const quota = holder.kind === "role" ? "PoliciesPerRole" : "PoliciesPerUser";
      return refuse("LimitExceeded", `Cannot exceed quota for ${quota}: ${IAM_QUOTAS.attachedPolicies}`);
    }
    return ok({ ...before, attached: [...before.attached, policyArn] });
  });
}

export function detachPolicy(account: Account, holder: HolderName, policyArn: string): Edit<PolicyHolder> {
  return changeHolder(account, holder, (before) =>
    before.attached.includes(policyArn)
      ? ok({ ...before, attached: before.attached.filter((arn) => arn !== policyArn) })
      : refuse("NoSuchEntity", `Policy ${policyArn} was not found.`),
  );
}

/** Adds an inline policy or replaces the one of that name. */
export function putInlinePolicy(account: Account, holder: HolderName, policy: InlinePolicy): Edit<PolicyHolder> {
  const wrong = checkName("policyName", policy.name, 128);
  if (wrong !== undefined) return { ok: false, error: wrong };
  return changeHolder(account, holder, (before) => {
    const charactersMax = holder.kind === "role" ? IAM_QUOTAS.roleInlineCharacters : IAM_QUOTAS.userInlineCharacters;
    const others = before.inline.filter(({ name }) => name !== policy.name);
    const quota = `${holder.kind === "role" ? "role" : "user"} inline policy size`;
    const read = readPolicyWithin(policy.document, "identity", charactersMax, quota);
    if (!read.ok) return read;
    const characters = [...others, policy].reduce((sum, { document }) => sum + countedLength(document), 0);
    if (characters > charactersMax) {
      return refuse("LimitExceeded", `Maximum policy size of ${charactersMax} bytes exceeded for ${holder.kind} ${holder.name}`);
    }
    return ok({ ...before, inline: [...others, policy] });
  });
}

export function deleteInlinePolicy(account: Account, holder: HolderName, policyName: string): Edit<PolicyHolder> {
  return changeHolder(account, holder, (before) => {
    const found = inlinePolicy(before, holder, policyName);
    return found.ok ? ok({ ...before, inline: before.inline.filter((policy) => policy !== found.value) }) : found;
  });
}

export function inlinePolicy(holder: PolicyHolder, { kind }: HolderName, policyName: string): Result<InlinePolicy> {
  const found = holder.inline.find(({ name }) => name === policyName);
  return found === undefined ? refuse("NoSuchEntity", `The ${kind} policy with name ${policyName} cannot be found.`) : ok(found);
}

/** Sets the permissions boundary, or takes it away. */
export function setBoundary(account: Account, holder: HolderName, policyArn: string | undefined): Edit<PolicyHolder> {
  return changeHolder(account, holder, (before) => {
    const wrong = boundaryFault(account, policyArn);
    if (wrong !== undefined) return { ok: false, error: wrong };
    const { boundary: _, ...rest } = before;
    return ok(policyArn === undefined ? rest : { ...rest, boundary: policyArn });
  });
}

function changeHolder(account: Account, holder: HolderName, change: (before: PolicyHolder) => Result<PolicyHolder>): Edit<PolicyHolder> {
  const found = holderNamed(account, holder);
  if (!found.ok) return found;
  const changed = change(found.value);
  if (!changed.ok) return changed;
  const { boundary: _, ...rest } = found.value;
  if (holder.kind === "role") return withRole(account, found.value as Role, { ...(rest as Role), ...changed.value });
  return withUser(account, found.value as User, { ...(rest as User), ...changed.value });
}
