import { createHash, randomBytes } from "node:crypto";
import type { IdPrefix } from "@slash28/iam";

/** Sits behind the prefix of every access key the lab gives out, so that one it no longer knows is told from one it never knew. */
const LAB_MARK = "S28";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Unique ids as IAM writes them: the prefix of their kind and 17 (access keys: 16) characters of base32. */
export function newUniqueId(prefix: IdPrefix | "ASIA"): string {
  return isKey(prefix) ? `${prefix}${LAB_MARK}${base32(randomBytes(13))}` : `${prefix}${base32(randomBytes(17))}`;
}

/** An id that is always the same for the same name, for things that have none of their own. */
export function derivedId(prefix: IdPrefix | "ASIA", ...names: readonly string[]): string {
  const bytes = createHash("sha256").update(names.join("\n")).digest();
  return isKey(prefix) ? `${prefix}${LAB_MARK}${base32(bytes.subarray(0, 13))}` : `${prefix}${base32(bytes.subarray(0, 17))}`;
}

/** A secret access key, 40 characters. */
export function newSecret(): string {
  return randomBytes(30).toString("base64");
}

/** A session token; clients do not look into it. */
export function newSessionToken(): string {
  return `S28/${randomBytes(120).toString("base64")}`;
}

/** Whether some lab gave this access key out. */
export function isLabKey(accessKeyId: string): boolean {
  return accessKeyId.startsWith(`AKIA${LAB_MARK}`) || accessKeyId.startsWith(`ASIA${LAB_MARK}`);
}

function isKey(prefix: string): boolean {
  return prefix === "AKIA" || prefix === "ASIA";
}

function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
