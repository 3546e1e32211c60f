import { managedPolicy } from "../account/managed-policies.ts";
import type { Account, Tags } from "../account/account.ts";
import { unsatisfied } from "../account/check-input.ts";
import { countedLength, readPolicy } from "../policy/read-policy.ts";
import { ok, refuse, type IamError, type Result } from "../result.ts";

/** Session parameters that AssumeRole, AssumeRoleWithWebIdentity and EKS have in common. */
export interface SessionRequest {
  readonly sessionName: string;
  readonly durationSeconds?: number;
  readonly policy?: string;
  readonly policyArns?: readonly string[];
  readonly tags?: readonly (readonly [string, string])[];
  readonly transitiveKeys?: readonly string[];
}

const SESSION_POLICY_CHARACTERS = 2_048;
const SESSION_POLICY_ARNS = 10;
const SESSION_TAGS = 50;

export function checkSessionName(name: string): IamError | undefined {
  if (name.length < 2 || name.length > 64) {
    const which = name.length < 2 ? "greater than or equal to 2" : "less than or equal to 64";
    return unsatisfied(name, "roleSessionName", `Member must have length ${which}`);
  }
  return /^[\w+=,.@-]*$/.test(name)
    ? undefined
    : unsatisfied(name, "roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*");
}

/** @param secondsMax what the role or the chain allows */
export function checkDuration(seconds: number, secondsMax: number, isChained: boolean): IamError | undefined {
  if (!Number.isInteger(seconds) || seconds < 900) {
    return unsatisfied(String(seconds), "durationSeconds", "Member must have value greater than or equal to 900");
  }
  if (seconds > 43_200) return unsatisfied(String(seconds), "durationSeconds", "Member must have value less than or equal to 43200");
  if (seconds <= secondsMax) return undefined;
  const message = isChained
    ? "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    : "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
  return { code: "ValidationError", message };
}

/** Session policies are read like any other; they may not be too long together with the session's tags. */
export function checkSessionPolicies(account: Account, { policy, policyArns = [] }: SessionRequest): IamError | undefined {
  if (policy !== undefined) {
    if (countedLength(policy) > SESSION_POLICY_CHARACTERS) {
      return { code: "PackedPolicyTooLarge", message: `Packed policy exceeds maximum of ${SESSION_POLICY_CHARACTERS} characters.` };
    }
    const read = readPolicy(policy, "identity");
    if (!read.ok) return read.error;
  }
  if (policyArns.length > SESSION_POLICY_ARNS) {
    return unsatisfied(`[${policyArns.length} ARNs]`, "policyArns", `Member must have length less than or equal to ${SESSION_POLICY_ARNS}`);
  }
  for (const arn of policyArns) {
    const found = managedPolicy(account, arn);
    if (!found.ok) return found.error;
  }
  return undefined;
}

/** The tags of a new session: those passed on by the session before it, and those asked for, which may not replace them. */
export function sessionTags(
  { tags = [], transitiveKeys = [] }: SessionRequest,
  inherited: { readonly tags: Tags; readonly transitiveKeys: readonly string[] } = { tags: {}, transitiveKeys: [] },
): Result<{ readonly tags: Tags; readonly transitiveKeys: readonly string[] }> {
  const lower = (key: string): string => key.toLowerCase();
  const passed = new Map(inherited.transitiveKeys.map((key) => [lower(key), [key, inherited.tags[key] ?? ""] as const]));
  const asked = new Map<string, readonly [string, string]>();
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > 128 || /^aws:/i.test(key)) return invalidTag(`the key '${key}' is not allowed`);
    if (value.length > 256) return invalidTag(`the value of '${key}' has more than 256 characters`);
    if (asked.has(lower(key))) return invalidTag(`the key '${key}' is given twice; case does not matter`);
    if (passed.has(lower(key))) return invalidTag(`the key '${key}' comes from the session before this one and is transitive`);
    asked.set(lower(key), [key, value]);
  }
  if (asked.size + passed.size > SESSION_TAGS) return invalidTag(`a session has at most ${SESSION_TAGS} tags`);
  const unknown = transitiveKeys.find((key) => !asked.has(lower(key)));
  if (unknown !== undefined) return invalidTag(`the transitive key '${unknown}' is not among the tags`);
  return ok({
    tags: Object.fromEntries([...passed.values(), ...asked.values()]),
    transitiveKeys: [...[...passed.values()].map(([key]) => key), ...transitiveKeys],
  });
}

function invalidTag(why: string): ReturnType<typeof refuse> {
  return refuse("ValidationError", `Invalid session tags: ${why}.`);
}
