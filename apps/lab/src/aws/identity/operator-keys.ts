import { createAccessKey } from "@slash28/iam";
import type { AccountStore } from "./account-store.ts";
import { DEFAULT_USER } from "./initial-account.ts";

/** Long-term credentials. */
export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What operators are told to use where any key is as good. */
export const OPEN_KEYS: AccessKeys = { accessKeyId: "slash28", secretAccessKey: "slash28" };

/** The keys of the lab's user, made when there are none, for a lab that takes no others; `undefined` where that user was deleted. */
export function operatorKeys(account: AccountStore): AccessKeys | undefined {
  const user = account.read().users.find(({ name }) => name === DEFAULT_USER.name);
  if (user === undefined) return undefined;
  const known = user.accessKeys.find(({ status }) => status === "Active");
  if (known === undefined && user.accessKeys.length > 0) return undefined;
  const key = known ?? account.change((now, call) => createAccessKey(now, user.name, call));
  return { accessKeyId: key.id, secretAccessKey: key.secret };
}
