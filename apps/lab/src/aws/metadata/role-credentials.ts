import { createHash } from "node:crypto";
import type { Account, Role } from "@slash28/iam";
import type { Instance } from "@slash28/vpc";
import { derivedId } from "../identity/secrets.ts";

const LIFETIME_MS = 6 * 3600_000;
/** Credentials are renewed this often, long before they expire. */
const RENEWAL_MS = 3600_000;

/** A profile may be named by its ARN. */
export function profileName(instanceProfile: string): string {
  return instanceProfile.slice(instanceProfile.lastIndexOf("/") + 1);
}

/** What of a role an instance's session needs. */
export type InstanceRole = Pick<Role, "name" | "id" | "arn" | "tags">;

/**
 * The role an instance acts as: the one in its profile. A profile the account does not list, as EKS makes one for a node group, bears its
 * role's name; where there is no such role either, it stands for one that may do nothing. `undefined` when the instance has no profile, or the
 * profile no role.
 */
export function instanceRole(account: Account | undefined, instance: Instance): InstanceRole | undefined {
  if (instance.instanceProfile === undefined) return undefined;
  const name = profileName(instance.instanceProfile);
  const profile = account?.instanceProfiles.find((candidate) => candidate.name === name);
  if (profile !== undefined) return account?.roles.find((role) => profile.roles.includes(role.name));
  const role = account?.roles.find((candidate) => candidate.name === name);
  return role ?? { name, id: derivedId("AROA", name), arn: `arn:aws:iam::${instance.ownerId}:role/${name}`, tags: {} };
}

/** The access key of an instance's role session. It is the same as long as the instance lives, so that a signature names its instance. */
export function roleAccessKeyId(instance: Pick<Instance, "id">): string {
  return derivedId("ASIA", instance.id, "key");
}

/** The secret that goes with {@link roleAccessKeyId}. */
export function roleSecret(instance: Pick<Instance, "id">): string {
  return digest(instance.id, "secret").slice(0, 40);
}

/** The document at `iam/security-credentials/<role>`. */
export function roleCredentials(instance: Instance, nowMs: number): string {
  const updatedMs = nowMs - (nowMs % RENEWAL_MS);
  return JSON.stringify(
    {
      Code: "Success",
      LastUpdated: isoSeconds(updatedMs),
      Type: "AWS-HMAC",
      AccessKeyId: roleAccessKeyId(instance),
      SecretAccessKey: roleSecret(instance),
      Token: tokenOf(instance, updatedMs),
      Expiration: isoSeconds(updatedMs + LIFETIME_MS),
    },
    null,
    2,
  );
}

/** Whether the metadata service gave this token out and it has not expired. */
export function isRoleToken(instance: Pick<Instance, "id">, token: string, nowMs: number): boolean {
  const updatedMs = nowMs - (nowMs % RENEWAL_MS);
  for (let at = updatedMs; at + LIFETIME_MS > nowMs; at -= RENEWAL_MS) if (tokenOf(instance, at) === token) return true;
  return false;
}

/** The document at `iam/info`. */
export function roleInfo(instance: Instance, profile: string, nowMs: number): string {
  return JSON.stringify(
    {
      Code: "Success",
      LastUpdated: isoSeconds(nowMs - (nowMs % RENEWAL_MS)),
      InstanceProfileArn: `arn:aws:iam::${instance.ownerId}:instance-profile/${profileName(profile)}`,
      InstanceProfileId: derivedId("AIPA", profileName(profile)),
    },
    null,
    2,
  );
}

/** Time as metadata documents write it: no fraction of a second. */
export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

function tokenOf(instance: Pick<Instance, "id">, updatedMs: number): string {
  return digest(instance.id, `token ${updatedMs}`);
}

function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}
