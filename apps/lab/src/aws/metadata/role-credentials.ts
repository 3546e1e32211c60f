import { createHash } from "node:crypto";
import type { Instance } from "@slash28/vpc";

const LIFETIME_MS = 6 * 3600_000;

/** The role an instance profile carries: the lab gives both the same name. A profile may be named by its ARN. */
export function roleName(instanceProfile: string): string {
  return instanceProfile.slice(instanceProfile.lastIndexOf("/") + 1);
}

/** The access key of an instance's role session. It is the same as long as the instance lives, so that a signature names its instance. */
export function roleAccessKeyId(instance: Instance): string {
  return `ASIA${digest(instance.id, "key").toUpperCase().slice(0, 16)}`;
}

/** The document at `iam/security-credentials/<role>`. They open nothing: nothing in the lab checks a signature. */
export function roleCredentials(instance: Instance, nowMs: number): string {
  const updatedMs = nowMs - (nowMs % 3600_000);
  return JSON.stringify(
    {
      Code: "Success",
      LastUpdated: isoSeconds(updatedMs),
      Type: "AWS-HMAC",
      AccessKeyId: roleAccessKeyId(instance),
      SecretAccessKey: digest(instance.id, "secret").slice(0, 40),
      Token: digest(instance.id, `token ${updatedMs}`),
      Expiration: isoSeconds(updatedMs + LIFETIME_MS),
    },
    null,
    2,
  );
}

/** The document at `iam/info`. */
export function roleInfo(instance: Instance, profile: string, nowMs: number): string {
  return JSON.stringify(
    {
      Code: "Success",
      LastUpdated: isoSeconds(nowMs - (nowMs % 3600_000)),
      InstanceProfileArn: `arn:aws:iam::${instance.ownerId}:instance-profile/${roleName(profile)}`,
      InstanceProfileId: `AIPA${digest(profile, "profile").toUpperCase().slice(0, 16)}`,
    },
    null,
    2,
  );
}

/** Time as metadata documents write it: no fraction of a second. */
export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}
