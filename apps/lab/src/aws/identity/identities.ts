import type { Account, EditCall } from "@slash28/iam";
import type { Clock } from "@slash28/ports";
import type { Cloud, Instance } from "@slash28/vpc";
import type { CredentialScope } from "../wire/credential-scope.ts";
import { NO_STATE, type StateStore } from "../../state/index.ts";
import { instanceRole } from "../metadata/role-credentials.ts";
import { createAccountStore, type AccountStore } from "./account-store.ts";
import { createAuthorizer, type Authorizer } from "./authorizer.ts";
import type { Caller } from "./caller.ts";
import { createCallers, type Callers } from "./callers.ts";
import { initialAccount } from "./initial-account.ts";
import { badCredentials } from "./refusals.ts";
import { newSecret, newUniqueId } from "./secrets.ts";
import { createSessionBook, type IssuedSession, type SessionBook } from "./session-book.ts";

export interface IdentitiesOptions {
  readonly cloud: Cloud;
  readonly clock: Pick<Clock, "now">;
  /** Where account and sessions outlive the lab; nowhere when absent. */
  readonly state?: StateStore;
  /** Refuses credentials the lab never gave out, and signatures that do not hold. When absent, the former are the default user's, and the latter not looked at. */
  readonly isStrict?: boolean;
}

/** Who is who in the lab's account, what they may do, and the sessions given out: what IAM, STS and EKS Auth share. */
export interface Identities {
  readonly account: AccountStore;
  readonly sessions: SessionBook;
  readonly callers: Callers;
  readonly authorizer: Authorizer;
  /** The caller behind a signature. @throws {AwsError} when there is none, in the words of `service` */
  callerOf(scope: CredentialScope | undefined, service: string): Caller;
  /** The role an instance's metadata service gives credentials of. */
  readonly roleNameOf: (instance: Instance) => string | undefined;
}

export function createIdentities({ cloud, clock, state = NO_STATE, isStrict = false }: IdentitiesOptions): Identities {
  const now = (): number => clock.now();
  const editCall = (): EditCall => ({ now: now(), newId: newUniqueId, newSecret });
  const account = createAccountStore({
    initial: () => initialAccount(cloud.accountId, editCall()),
    document: state.document<Account>("iam"),
    editCall,
  });
  const sessions = createSessionBook(state.document<readonly IssuedSession[]>("sts-sessions"));
  const callers = createCallers({ cloud, account, sessions, now, isStrict });
  const authorizer = createAuthorizer({ cloud, account, callers, now, isStrict });
  return {
    account,
    sessions,
    callers,
    authorizer,
    callerOf(scope, service) {
      const token = scope === undefined ? undefined : sessions.find(scope.accessKeyId)?.sessionToken;
      const recognised = callers.recognise(scope?.accessKeyId, token);
      if (!recognised.ok) throw badCredentials(service, recognised.why);
      return recognised.caller;
    },
    roleNameOf: (instance) => instanceRole(account.read(), instance)?.name,
  };
}
