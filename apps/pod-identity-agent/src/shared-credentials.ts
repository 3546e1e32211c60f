import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Fault, type Clock } from "@slash28/ports";
import type { AwsCredentials, CredentialSource } from "@slash28/aws";

const READ_ANEW_MS = 60_000;

/** Keys of the default profile of the shared credentials file, which something else on this host rotates: read anew every minute. */
export function sharedCredentials(env: Readonly<Record<string, string | undefined>>, clock: Pick<Clock, "now">): CredentialSource {
  const path = env["AWS_SHARED_CREDENTIALS_FILE"] || join(homedir(), ".aws", "credentials");
  let kept: { readonly keys: AwsCredentials; readonly readAtMs: number } | undefined;
  return async () => {
    if (kept !== undefined && clock.now() - kept.readAtMs < READ_ANEW_MS) return kept.keys;
    const text = await readFile(path, "utf8").catch((cause: unknown) => {
      throw new Fault("NO_CREDENTIALS", { detail: `${path} cannot be read` }, { cause });
    });
    const keys = defaultProfile(text);
    if (keys === undefined) throw new Fault("NO_CREDENTIALS", { detail: `${path} has no keys in its default profile` });
    kept = { keys, readAtMs: clock.now() };
    return keys;
  };
}

/** The keys below `[default]` ("Shared config and credentials files", AWS SDKs and Tools Reference). */
export function defaultProfile(text: string): AwsCredentials | undefined {
  const values = new Map<string, string>();
  let isDefault = false;
  for (const line of text.split(/\r?\n/)) {
    const [, section] = /^\s*\[\s*(.*?)\s*\]/.exec(line) ?? [];
    if (section !== undefined) isDefault = section === "default";
    const [, name = "", value = ""] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (isDefault && name !== "") values.set(name, value);
  }
  const [accessKeyId, secretAccessKey, sessionToken] = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"].map((name) =>
    values.get(name),
  );
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
