import type {
  AttachedPermissionsBoundary,
  AttachedPolicy,
  InstanceProfile as WireInstanceProfile,
  Policy as WirePolicy,
  PolicyVersion as WirePolicyVersion,
  Role as WireRole,
  Tag as WireTag,
  User as WireUser,
} from "@aws-sdk/client-iam";
import {
  attachmentsOf,
  managedPolicy,
  type Account,
  type InstanceProfile,
  type ManagedPolicy,
  type PolicyHolder,
  type PolicyVersion,
  type Role,
  type Tags,
  type User,
} from "@slash28/iam";

/** Policy documents travel percent-encoded as RFC 3986 says, which is more than `encodeURIComponent` does. */
export function encodedDocument(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function wireTags(tags: Tags): WireTag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags of a request as pairs; whether they may be is decided by the model. */
export function tagPairs(tags: readonly WireTag[] | undefined): ReadonlyArray<readonly [string, string]> {
  return (tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]);
}

function boundary({ boundary: arn }: PolicyHolder): AttachedPermissionsBoundary | undefined {
  return arn === undefined ? undefined : { PermissionsBoundaryType: "Policy" as "PermissionsBoundaryPolicy", PermissionsBoundaryArn: arn };
}

/** A role; lists leave its tags and boundary out, as IAM's do. */
export function wireRole(role: Role, as: "whole" | "listed" = "whole"): WireRole {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodedDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.sessionSecondsMax,
    ...(as === "listed" ? {} : { PermissionsBoundary: boundary(role), Tags: wireTags(role.tags), RoleLastUsed: {} }),
  };
}

export function wireUser(user: User): WireUser {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: new Date(user.createdAt),
    PermissionsBoundary: boundary(user),
    Tags: wireTags(user.tags),
  };
}

export function wireInstanceProfile(account: Account, profile: InstanceProfile): WireInstanceProfile {
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: account.roles.filter(({ name }) => profile.roles.includes(name)).map((role) => wireRole(role, "listed")),
    Tags: wireTags(profile.tags),
  };
}

export function wirePolicy(account: Account, policy: ManagedPolicy, as: "whole" | "listed" = "whole"): WirePolicy {
  const { roles, users } = attachmentsOf(account, policy.arn);
  const bounded = [...account.roles, ...account.users].filter((holder) => holder.boundary === policy.arn).length;
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: roles.length + users.length,
    PermissionsBoundaryUsageCount: bounded,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.updatedAt),
    ...(as === "listed" ? {} : { Description: policy.description, Tags: wireTags(policy.tags) }),
  };
}

export function wireVersion(policy: ManagedPolicy, version: PolicyVersion, as: "whole" | "listed" = "whole"): WirePolicyVersion {
  return {
    VersionId: version.id,
    IsDefaultVersion: policy.defaultVersion === version.id,
    CreateDate: new Date(version.createdAt),
    ...(as === "listed" ? {} : { Document: encodedDocument(version.document) }),
  };
}

export function wireAttached(account: Account, arn: string): AttachedPolicy {
  const policy = managedPolicy(account, arn);
  return { PolicyName: policy.ok ? policy.value.name : arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn };
}
