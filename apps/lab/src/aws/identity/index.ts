export { createIdentities, type Identities, type IdentitiesOptions } from "./identities.ts";
export { iamError, type AccountStore } from "./account-store.ts";
export type { Authorizer } from "./authorizer.ts";
export type { Caller } from "./caller.ts";
export { CLUSTER_ROLE, DEFAULT_USER, NODE_ROLE } from "./initial-account.ts";
export { OPEN_KEYS, operatorKeys, type AccessKeys } from "./operator-keys.ts";
export { keyOwner } from "./callers.ts";
export { decodeAuthorizationMessage, refusal } from "./refusals.ts";
export type { IssuedSession } from "./session-book.ts";
