import type { Account, AccessKey, User } from "@slash28/iam";
import type { Cloud, Instance } from "@slash28/vpc";
import { instanceRole, isRoleToken, roleAccessKeyId, roleSecret } from "../metadata/role-credentials.ts";
import type { AccountStore } from "./account-store.ts";
import { rootCaller, sessionCaller, userCaller, type Caller, type CallerSession } from "./caller.ts";
import { DEFAULT_USER } from "./initial-account.ts";
import { isLabKey } from "./secrets.ts";
import type { IssuedSession, SessionBook } from "./session-book.ts";

/** What becomes of credentials: a caller, or why there is none. */
export type Recognised =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly why: "unknown" | "expired" | "unsigned" };

export interface CallersOptions {
  readonly cloud: Cloud;
  readonly account: AccountStore;
  readonly sessions: SessionBook;
  readonly now: () => number;
  /** Credentials the lab never gave out are refused; otherwise they are the default user's. */
  readonly isStrict: boolean;
}

export interface Callers {
  recognise(accessKeyId: string | undefined, sessionToken: string | undefined): Recognised;
  /** The secret of a key the lab gave out; `undefined` for others. */
  secretOf(accessKeyId: string): string | undefined;
  /** Who acts when nobody signs: the lab's user, or root when that user was deleted. */
  byDefault(): Caller;
}

/** The access key that stands for the account's root, for operators who have locked their user out. It has no secret: strict labs do not know it. */
const ROOT_KEY = "root";

const OF_INSTANCE: CallerSession = { tags: {}, transitiveKeys: [], policies: [], policyArns: [] };

const unknown: Recognised = { ok: false, why: "unknown" };

/** Tells callers from their access keys. Whether they have signed with the secret that goes with it, is looked at elsewhere, if at all. */
export function createCallers({ cloud, account, sessions, now, isStrict }: CallersOptions): Callers {
  const { accountId } = cloud;
  const known = new WeakMap<Account, Map<string, Recognised>>();
  const instanceKeys = new Map<string, Instance["id"]>();
  const byDefault = (): Caller => {
    const user = account.read().users.find(({ name }) => name === DEFAULT_USER.name);
    return user === undefined ? rootCaller(accountId) : userCaller(accountId, user);
  };

  const instanceOf = (accessKeyId: string): Instance | undefined => {
    if (!instanceKeys.has(accessKeyId)) {
      instanceKeys.clear();
      for (const instance of cloud.view.instances()) instanceKeys.set(roleAccessKeyId(instance), instance.id);
    }
    const id = instanceKeys.get(accessKeyId);
    const instance = id === undefined ? undefined : cloud.view.instance(id);
    return instance?.state === "terminated" ? undefined : instance;
  };

  const ofInstance = (instance: Instance, token: string | undefined): Recognised => {
    const role = instanceRole(account.read(), instance);
    if (role === undefined) return unknown;
    if (token !== undefined && !isRoleToken(instance, token, now())) return { ok: false, why: "expired" };
    return { ok: true, caller: sessionCaller(accountId, role, instance.id, OF_INSTANCE) };
  };

  /** Callers of long-term keys: the same until the account changes. */
  const lasting = (accessKeyId: string): Recognised => {
    const owner = keyOwner(account.read(), accessKeyId);
    if (owner !== undefined) return owner.key.status === "Active" ? { ok: true, caller: userCaller(accountId, owner.user) } : unknown;
    if (accessKeyId === ROOT_KEY && !isStrict) return { ok: true, caller: rootCaller(accountId) };
    return isStrict || isLabKey(accessKeyId) ? unknown : { ok: true, caller: byDefault() };
  };

  return {
    byDefault,
    secretOf(accessKeyId) {
      const instance = accessKeyId.startsWith("ASIA") ? instanceOf(accessKeyId) : undefined;
      if (instance !== undefined) return roleSecret(instance);
      return sessions.find(accessKeyId)?.secretAccessKey ?? keyOwner(account.read(), accessKeyId)?.key.secret;
    },
    recognise(accessKeyId, token) {
      if (accessKeyId === undefined) return isStrict ? { ok: false, why: "unsigned" } : { ok: true, caller: byDefault() };
      if (isLabKey(accessKeyId)) {
        const session = sessions.find(accessKeyId);
        if (session !== undefined) return ofSession(account.read(), session, token, now());
        const instance = accessKeyId.startsWith("ASIA") ? instanceOf(accessKeyId) : undefined;
        if (instance !== undefined) return ofInstance(instance, token);
      }
      let cached = known.get(account.read());
      if (cached === undefined) known.set(account.read(), (cached = new Map()));
      let found = cached.get(accessKeyId);
      // Bounded: a client that makes keys up does not fill the memory.
      if (found === undefined && cached.size < 1_000) cached.set(accessKeyId, (found = lasting(accessKeyId)));
      return found ?? lasting(accessKeyId);
    },
  };
}

function ofSession(account: Account, session: IssuedSession, token: string | undefined, nowMs: number): Recognised {
  if (token !== session.sessionToken) return unknown;
  if (session.expiresAt <= nowMs) return { ok: false, why: "expired" };
  const { subject } = session;
  if (subject.kind === "user") {
    const user = account.users.find(({ name }) => name === subject.userName);
    return user === undefined ? unknown : { ok: true, caller: userCaller(account.accountId, user) };
  }
  const { grant } = subject;
  const role = account.roles.find(({ id }) => id === grant.roleId);
  const named = { name: grant.roleName, id: grant.roleId, arn: grant.roleArn, tags: role?.tags ?? {} };
  return { ok: true, caller: sessionCaller(account.accountId, named, grant.sessionName, grant) };
}

/** Whose access key it is. */
export function keyOwner(account: Account, accessKeyId: string): { readonly user: User; readonly key: AccessKey } | undefined {
  for (const user of account.users) {
    const key = user.accessKeys.find(({ id }) => id === accessKeyId);
    if (key !== undefined) return { user, key };
  }
  return undefined;
}
