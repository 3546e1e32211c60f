import type { Account, Result } from "@slash28/iam";
import { iamError, type Identities } from "../identity/index.ts";

/** What IAM's actions work on. */
export type IamPlace = Pick<Identities, "account" | "authorizer" | "callerOf">;

/** A value of the model, or its refusal raised as the answer. */
export function given<T>(result: Result<T>): T {
  if (!result.ok) throw iamError(result.error);
  return result.value;
}

/** Keeps what lies under a path; lists take every path where none is asked for. */
export function underPath<T extends { readonly path: string }>(items: readonly T[], prefix: string | undefined): readonly T[] {
  return items.filter(({ path }) => path.startsWith(prefix ?? "/"));
}

/** The account an action reads. */
export function accountOf(place: IamPlace): Account {
  return place.account.read();
}
