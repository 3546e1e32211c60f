import { roleNamed } from "../account/roles.ts";
import { readRoleArn } from "../account/arn.ts";
import type { Account, Role, Tags } from "../account/account.ts";
import { unsatisfied } from "../account/check-input.ts";
import type { PolicyDocument } from "../policy/document.ts";
import { readPolicy } from "../policy/read-policy.ts";
import { contextOf, type ContextKeys } from "../policy/request.ts";
import { evaluateTrust, type TrustDecision, type TrustedParty } from "../policy/trust.ts";
import { ok, refuse, type Millis, type Result } from "../result.ts";
import { checkDuration, checkSessionName, checkSessionPolicies, sessionTags, type SessionRequest } from "./session-input.ts";
import type { SessionAsker, SessionGrant } from "./session.ts";

export interface AssumeRoleRequest extends SessionRequest {
  readonly roleArn: string;
  readonly externalId?: string;
  readonly sourceIdentity?: string;
  /** More condition keys of the request, such as `aws:SourceIp`. */
  readonly context: ContextKeys;
  /** What the caller's own policies say of an action on the role; asked when a trust policy leaves it to them. */
  readonly callerMay: (action: string, roleArn: string) => boolean;
}

/** Chained sessions last an hour at most (STS API reference, AssumeRole). */
const CHAINED_SECONDS_MAX = 3_600;

/** Whether a caller gets a session of a role by `sts:AssumeRole`, and which. */
export function decideAssumeRole(account: Account, request: AssumeRoleRequest, asker: SessionAsker, now: Millis): Result<SessionGrant> {
  const wrong = checkRoleArn(request.roleArn) ?? checkSessionName(request.sessionName) ?? checkSessionPolicies(account, request);
  if (wrong !== undefined) return { ok: false, error: wrong };
  const role = roleByArn(account, request.roleArn);
  if (role === undefined) return denied(asker.arn, "sts:AssumeRole", request.roleArn);
  const isChained = asker.session !== undefined;
  const seconds = request.durationSeconds ?? 3_600;
  const tooLong = checkDuration(seconds, isChained ? CHAINED_SECONDS_MAX : role.sessionSecondsMax, isChained);
  if (tooLong !== undefined) return { ok: false, error: tooLong };
  const tagged = sessionTags(request, asker.session);
  if (!tagged.ok) return tagged;
  const sourceIdentity = asker.session?.sourceIdentity ?? request.sourceIdentity;
  const context = contextFor(account, request, asker, { tags: tagged.value, sourceIdentity });
  const party: TrustedParty = { kind: "AWS", names: asker.names, accountRoot: asker.accountRoot };
  const actions = [
    "sts:AssumeRole",
    ...(Object.keys(tagged.value.tags).length > 0 ? ["sts:TagSession"] : []),
    ...(sourceIdentity === undefined ? [] : ["sts:SetSourceIdentity"]),
  ];
  const trust = trustOf(role);
  const refused = actions.find((action) => !isAllowed(evaluateTrust(trust, party, action, context), action, role, request));
  if (refused !== undefined) return denied(asker.arn, refused, request.roleArn);
  return ok(grant(role, request, { ...tagged.value, ...(sourceIdentity === undefined ? {} : { sourceIdentity }) }, { now, seconds }));
}

type SessionTags = Pick<SessionGrant, "tags" | "transitiveKeys">;

function contextFor(
  account: Account,
  request: AssumeRoleRequest,
  asker: SessionAsker,
  { tags: { tags, transitiveKeys }, sourceIdentity }: { readonly tags: SessionTags; readonly sourceIdentity: string | undefined },
): ContextKeys {
  return new Map([
    ...request.context,
    ...tagContext("aws:RequestTag/", tags, "aws:TagKeys"),
    ...tagContext("aws:PrincipalTag/", asker.session?.tags ?? {}),
    ...contextOf([
      ["aws:PrincipalArn", asker.names.find((name) => name.includes(":role/")) ?? asker.arn],
      ["aws:PrincipalAccount", account.accountId],
      ["sts:ExternalId", request.externalId],
      ["sts:RoleSessionName", request.sessionName],
      ["sts:SourceIdentity", sourceIdentity],
      ["sts:TransitiveTagKeys", transitiveKeys.length === 0 ? undefined : transitiveKeys],
    ]),
  ]);
}

function isAllowed(trust: TrustDecision, action: string, role: Role, { callerMay }: AssumeRoleRequest): boolean {
  switch (trust) {
    case "trusted":
      return true;
    case "trusted-by-account":
      return callerMay(action, role.arn);
    case "explicit-deny":
    case "not-trusted":
      return false;
    default:
      return trust satisfies never;
  }
}

export function checkRoleArn(arn: string): ReturnType<typeof unsatisfied> | undefined {
  if (arn.length < 20) return unsatisfied(arn, "roleArn", "Member must have length greater than or equal to 20");
  return readRoleArn(arn) === undefined ? { code: "ValidationError", message: `${arn} is invalid` } : undefined;
}

/** The account's role of that ARN; roles of other accounts are nobody's here. */
export function roleByArn(account: Account, arn: string): Role | undefined {
  const read = readRoleArn(arn);
  if (read?.accountId !== account.accountId) return undefined;
  const found = roleNamed(account, read.name);
  return found.ok && found.value.arn === arn ? found.value : undefined;
}

/** A role's trust policy; one that does not read trusts nobody. */
export function trustOf(role: Role): PolicyDocument {
  const read = readPolicy(role.trustPolicy, "trust");
  return read.ok ? read.value : { version: "2012-10-17", statements: [] };
}

export function grant(
  role: Role,
  request: SessionRequest,
  carried: Pick<SessionGrant, "tags" | "transitiveKeys" | "sourceIdentity" | "federated">,
  { now, seconds }: { readonly now: Millis; readonly seconds: number },
): SessionGrant {
  return {
    roleName: role.name,
    roleId: role.id,
    roleArn: role.arn,
    sessionName: request.sessionName,
    issuedAt: now,
    // Credentials expire on a whole second: no protocol writes less.
    expiresAt: now - (now % 1000) + seconds * 1000,
    policies: request.policy === undefined ? [] : [request.policy],
    policyArns: request.policyArns ?? [],
    ...carried,
  };
}

/** Tags as condition keys, and the list of their keys where a key for it is named. */
export function tagContext(prefix: string, tags: Tags, keysAs?: string): ContextKeys {
  const keys = Object.keys(tags);
  return contextOf([
    ...Object.entries(tags).map(([key, value]) => [`${prefix}${key}`, value] as const),
    ...(keysAs === undefined || keys.length === 0 ? [] : [[keysAs, keys] as const]),
  ]);
}

function denied(callerArn: string, action: string, roleArn: string): ReturnType<typeof refuse> {
  return refuse("AccessDenied", `User: ${callerArn} is not authorized to perform: ${action} on resource: ${roleArn}`);
}
