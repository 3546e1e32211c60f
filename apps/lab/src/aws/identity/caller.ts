import {
  assumedRoleArn,
  contextOf,
  rootArn,
  type ContextKeys,
  type HolderName,
  type Role,
  type SessionGrant,
  type Tags,
  type User,
} from "@slash28/iam";

/** Who a request is from, whatever credentials said so. */
export interface Caller {
  readonly kind: "user" | "session" | "root";
  readonly arn: string;
  /** As GetCallerIdentity tells it. */
  readonly userId: string;
  /** Everything a trust policy may call this caller by. */
  readonly names: readonly string[];
  /** Whose policies decide; nobody's for root, who may do everything. */
  readonly holder: HolderName | undefined;
  /** The session the caller has; absent for long-term credentials. */
  readonly session: CallerSession | undefined;
  /** Condition keys about the caller. */
  readonly context: ContextKeys;
}

export type CallerSession = Pick<SessionGrant, "tags" | "transitiveKeys" | "sourceIdentity" | "policies" | "policyArns">;

export function rootCaller(accountId: string): Caller {
  const arn = rootArn(accountId);
  return {
    kind: "root",
    arn,
    userId: accountId,
    names: [arn],
    holder: undefined,
    session: undefined,
    context: principalContext(accountId, { arn, type: "Account", userId: accountId }),
  };
}

export function userCaller(accountId: string, user: User): Caller {
  return {
    kind: "user",
    arn: user.arn,
    userId: user.id,
    names: [user.arn, user.id],
    holder: { kind: "user", name: user.name },
    session: undefined,
    context: principalContext(accountId, { arn: user.arn, type: "User", userId: user.id, userName: user.name, tags: user.tags }),
  };
}

/** A session of a role; the role may be gone, its name and id are known all the same. */
export function sessionCaller(
  accountId: string,
  role: Pick<Role, "name" | "id" | "arn" | "tags">,
  sessionName: string,
  session: CallerSession,
): Caller {
  const arn = assumedRoleArn(accountId, role.name, sessionName);
  const userId = `${role.id}:${sessionName}`;
  return {
    kind: "session",
    arn,
    userId,
    names: [arn, role.arn, role.id],
    holder: { kind: "role", name: role.name },
    session,
    context: principalContext(accountId, {
      arn: role.arn,
      type: "AssumedRole",
      userId,
      tags: { ...role.tags, ...session.tags },
      sourceIdentity: session.sourceIdentity,
    }),
  };
}

interface PrincipalFacts {
  /** Of a session the role's. */
  readonly arn: string;
  readonly type: "User" | "AssumedRole" | "Account";
  readonly userId: string;
  readonly userName?: string;
  readonly tags?: Tags;
  readonly sourceIdentity?: string | undefined;
}

/** IAM user guide, "AWS global condition context keys: Properties of the principal". */
function principalContext(accountId: string, facts: PrincipalFacts): ContextKeys {
  return contextOf([
    ["aws:PrincipalArn", facts.arn],
    ["aws:PrincipalAccount", accountId],
    ["aws:PrincipalType", facts.type],
    ["aws:PrincipalIsAWSService", "false"],
    ["aws:userid", facts.userId],
    ["aws:username", facts.userName],
    ["aws:SourceIdentity", facts.sourceIdentity],
    ...Object.entries(facts.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value] as const),
  ]);
}
