import type { Millis } from "../result.ts";

export type Tags = Readonly<Record<string, string>>;

/** An inline policy: its text is kept as it was given. */
export interface InlinePolicy {
  readonly name: string;
  readonly document: string;
}

/** What roles and users have in common: the policies that say what they may do. */
export interface PolicyHolder {
  readonly attached: readonly string[];
  readonly inline: readonly InlinePolicy[];
  /** ARN of the managed policy that bounds the others. */
  readonly boundary?: string;
}

interface Entity {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: Millis;
  readonly tags: Tags;
}

export interface Role extends Entity, PolicyHolder {
  readonly trustPolicy: string;
  readonly description?: string;
  readonly sessionSecondsMax: number;
}

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  readonly status: "Active" | "Inactive";
  readonly createdAt: Millis;
}

export interface User extends Entity, PolicyHolder {
  readonly accessKeys: readonly AccessKey[];
}

export interface InstanceProfile extends Entity {
  /** At most one. */
  readonly roles: readonly string[];
}

export interface PolicyVersion {
  /** `v1`, `v2`, … never used twice. */
  readonly id: string;
  readonly document: string;
  readonly createdAt: Millis;
}

export interface ManagedPolicy extends Entity {
  readonly description?: string;
  readonly updatedAt: Millis;
  readonly defaultVersion: string;
  readonly versions: readonly PolicyVersion[];
  readonly versionsMade: number;
}

export interface OidcProvider {
  readonly arn: string;
  /** Without `https://`. */
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly createdAt: Millis;
  readonly tags: Tags;
}

/** Everything IAM knows of one account, as plain JSON. AWS's own managed policies are not in it: they are the same everywhere. */
export interface Account {
  readonly accountId: string;
  readonly roles: readonly Role[];
  readonly users: readonly User[];
  readonly instanceProfiles: readonly InstanceProfile[];
  readonly policies: readonly ManagedPolicy[];
  readonly oidcProviders: readonly OidcProvider[];
}

export function emptyAccount(accountId: string): Account {
  return { accountId, roles: [], users: [], instanceProfiles: [], policies: [], oidcProviders: [] };
}
