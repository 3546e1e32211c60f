import {
  contextOf,
  evaluate,
  sessionPolicySet,
  type Account,
  type AccessRequest,
  type ContextKeys,
  type Decision,
  type PolicySet,
} from "@slash28/iam";
import type { Cloud } from "@slash28/vpc";
import type { Attempt, GateRule } from "../gate.ts";
import { AwsError } from "../aws-error.ts";
import { profileName } from "../metadata/role-credentials.ts";
import type { AccountStore } from "./account-store.ts";
import type { Caller } from "./caller.ts";
import type { Callers } from "./callers.ts";
import { ec2Resources } from "./ec2-resources.ts";
import { otherResources } from "./other-resources.ts";
import { signatureFault } from "./check-signature.ts";
import { badCredentials, refusal, type CredentialFault } from "./refusals.ts";
import { requestTags, tagKeys, taggedKinds } from "./request-tags.ts";

export interface Authorizer {
  /** Looks at every attempt of every service: who asks, and whether their policies allow it. */
  readonly rule: GateRule;
  /** What a caller's policies say of one action on one resource; root may do everything. */
  decide(caller: Caller, request: AccessRequest): Decision;
  /** Whether the policies allow it, with the keys about the caller and the request that every evaluation has. */
  may(caller: Caller, action: string, resource: string, context?: ContextKeys): boolean;
  /** Condition keys every request has: about the caller, and the time. */
  contextFor(caller: Caller): ContextKeys;
}

export interface AuthorizerOptions {
  readonly cloud: Cloud;
  readonly account: AccountStore;
  readonly callers: Callers;
  readonly now: () => number;
  /** Signatures must hold. */
  readonly isStrict: boolean;
}

/** STS asks no permission for these (IAM user guide, "Permissions for GetSessionToken"), or judges them by a role's trust policy itself. */
const FREE_OF_PERMISSIONS = new Set(["sts:GetCallerIdentity", "sts:GetSessionToken", "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]);

const ROOT_ALLOWED: Decision = { kind: "allowed", by: { policy: "root", statement: 0, layer: "identity" } };

export function createAuthorizer({ cloud, account, callers, now, isStrict }: AuthorizerOptions): Authorizer {
  const policySets = new WeakMap<Account, Map<string, PolicySet>>();

  const policiesOf = (caller: Caller): PolicySet => {
    const current = account.read();
    let sets = policySets.get(current);
    if (sets === undefined) policySets.set(current, (sets = new Map()));
    const key = setKey(caller);
    let set = sets.get(key);
    if (set === undefined) {
      const { holder, session } = caller;
      const list = holder?.kind === "role" ? current.roles : current.users;
      const found = list.find(({ name }) => name === holder?.name);
      set = found === undefined ? { identity: [] } : sessionPolicySet(current, found, session ?? { policies: [], policyArns: [] });
      if (sets.size < 1_000) sets.set(key, set);
    }
    return set;
  };

  const decide = (caller: Caller, request: AccessRequest): Decision =>
    caller.kind === "root" ? ROOT_ALLOWED : evaluate(policiesOf(caller), request);

  const contextFor = (caller: Caller): ContextKeys => {
    const nowMs = now();
    return new Map([
      ...caller.context,
      ["aws:requestedregion", [cloud.region]],
      ["aws:currenttime", [new Date(nowMs).toISOString()]],
      ["aws:epochtime", [String(Math.floor(nowMs / 1000))]],
      ["aws:securetransport", ["false"]],
    ]);
  };

  const forgery = (attempt: Attempt): CredentialFault | undefined => {
    const secret = callers.secretOf(attempt.caller?.accessKeyId ?? "");
    return secret === undefined ? "unknown" : signatureFault(attempt, secret, now());
  };

  const rule: GateRule = (attempt) => {
    const recognised = callers.recognise(attempt.caller?.accessKeyId, attempt.sessionToken);
    const action = `${attempt.service}:${attempt.action}`;
    if (action === "sts:AssumeRoleWithWebIdentity") return undefined;
    const fault = !recognised.ok ? recognised.why : isStrict ? forgery(attempt) : undefined;
    if (fault !== undefined) return badCredentials(attempt.service, fault);
    if (!recognised.ok) return undefined;
    const { caller } = recognised;
    if (FREE_OF_PERMISSIONS.has(action)) return undefined;
    if (caller.kind === "root") return profileProblem(account.read(), attempt);
    const context = contextFor(caller);
    for (const request of requestsOf(cloud, account.read(), attempt, { action, context })) {
      const decision = decide(caller, request);
      if (decision.kind !== "allowed") return refusal(attempt.service, caller, request, decision);
    }
    return profileProblem(account.read(), attempt);
  };

  return {
    rule,
    decide,
    contextFor,
    may: (caller, action, resource, context) =>
      decide(caller, { action, resource, context: new Map([...contextFor(caller), ...(context ?? [])]) }).kind === "allowed",
  };
}

function setKey({ kind, holder, session }: Caller): string {
  const bounds = session === undefined || session.policies.length + session.policyArns.length === 0 ? "" : JSON.stringify(session);
  return `${kind} ${holder?.kind} ${holder?.name} ${bounds}`;
}

/** Everything an attempt needs to be allowed: the action on each resource, tags on what it makes, and the role it passes on. */
function* requestsOf(
  cloud: Cloud,
  account: Account,
  attempt: Attempt,
  base: { readonly action: string; readonly context: ContextKeys },
): Iterable<AccessRequest> {
  const { input } = attempt;
  const tags = requestTags(input);
  const withTags: ContextKeys = tags.length === 0 ? base.context : new Map([...base.context, ...tagKeys(tags)]);
  if (attempt.service !== "ec2") {
    for (const resource of otherResources({ region: cloud.region, account }, attempt)) yield { ...base, resource, context: withTags };
    return;
  }
  for (const { arn, tags: tagsOf } of ec2Resources(cloud, attempt.action, input)) {
    const present = Object.entries(tagsOf() ?? {}).flatMap(([key, value]) => [
      [`ec2:ResourceTag/${key}`, value] as const,
      [`aws:ResourceTag/${key}`, value] as const,
    ]);
    yield { action: base.action, resource: arn, context: present.length === 0 ? withTags : new Map([...withTags, ...contextOf(present)]) };
  }
  for (const kind of taggedKinds(input)) {
    const context = new Map([...withTags, ...contextOf([["ec2:CreateAction", attempt.action]])]);
    yield { action: "ec2:CreateTags", resource: `arn:aws:ec2:${cloud.region}:${cloud.accountId}:${kind}/*`, context };
  }
  const passed = passedRole(account, attempt);
  if (passed !== undefined) {
    yield { action: "iam:PassRole", resource: passed, context: new Map([...base.context, ["iam:passedtoservice", ["ec2.amazonaws.com"]]]) };
  }
}

function profileOf({ input }: Attempt): string | undefined {
  const given = input["IamInstanceProfile"] as { readonly Name?: string; readonly Arn?: string } | undefined;
  const name = given?.Name ?? given?.Arn;
  return name === undefined ? undefined : profileName(name);
}

/** ARN of the role that goes to an instance with the profile of the request. */
function passedRole(account: Account, attempt: Attempt): string | undefined {
  const name = profileOf(attempt);
  const profile = name === undefined ? undefined : account.instanceProfiles.find((candidate) => candidate.name === name);
  return profile === undefined ? undefined : account.roles.find((role) => profile.roles.includes(role.name))?.arn;
}

/** EC2 takes only instance profiles that IAM has. */
function profileProblem(account: Account, attempt: Attempt): AwsError | undefined {
  if (attempt.service !== "ec2") return undefined;
  const name = profileOf(attempt);
  if (name === undefined || account.instanceProfiles.some((profile) => profile.name === name)) return undefined;
  return new AwsError(
    "InvalidParameterValue",
    `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
  );
}
