import type { IamError, Millis } from "../result.ts";
import type { Account } from "./account.ts";

/** What comes with a change besides its input: the time, and ids and secrets that nobody can guess. */
export interface EditCall {
  readonly now: Millis;
  /** A new unique id with this prefix: `AROA` role, `AIDA` user, `AIPA` instance profile, `ANPA` policy, `AKIA` access key. */
  readonly newId: (prefix: IdPrefix) => string;
  readonly newSecret: () => string;
}

export type IdPrefix = "AROA" | "AIDA" | "AIPA" | "ANPA" | "AKIA";

/** A change that was made (the account after it, and its answer) or refused. */
export type Edit<T> =
  | { readonly ok: true; readonly account: Account; readonly value: T }
  | { readonly ok: false; readonly error: IamError };

export function edited<T>(account: Account, value: T): Edit<T> {
  return { ok: true, account, value };
}

/** The list with `before` replaced by `after`. */
export function replaced<T>(list: readonly T[], before: T, after: T): readonly T[] {
  return list.map((item) => (item === before ? after : item));
}
