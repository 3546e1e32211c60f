import type { Account, Edit, EditCall, IamError } from "@slash28/iam";
import { AwsError } from "../aws-error.ts";
import type { KeptDocument } from "../../state/index.ts";

/** The lab's one account: read at will, changed one edit at a time. */
export interface AccountStore {
  read(): Account;
  /** Makes a change and keeps it. @throws {AwsError} in IAM's words when it is refused */
  change<T>(edit: (account: Account, call: EditCall) => Edit<T>): T;
}

export interface AccountStoreOptions {
  /** The account of a lab that starts for the first time. */
  readonly initial: () => Account;
  readonly document: KeptDocument<Account>;
  readonly editCall: () => EditCall;
}

export function createAccountStore({ initial, document, editCall }: AccountStoreOptions): AccountStore {
  let account = document.saved ?? initial();
  if (document.saved === undefined) document.keep(account);
  return {
    read: () => account,
    change(edit) {
      const changed = edit(account, editCall());
      if (!changed.ok) throw iamError(changed.error);
      if (changed.account !== account) {
        account = changed.account;
        document.keep(account);
      }
      return changed.value;
    },
  };
}

/** A refusal of IAM's or STS's as the answer it is. */
export function iamError({ code, message }: IamError): AwsError {
  return new AwsError(code, message, STATUS[code]);
}

/** HTTP statuses of the IAM and STS API references; the rest are 400. */
const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  DeleteConflict: 409,
  EntityAlreadyExists: 409,
  IDPRejectedClaim: 403,
  LimitExceeded: 409,
  NoSuchEntity: 404,
};
