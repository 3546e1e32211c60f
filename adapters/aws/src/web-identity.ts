import { readFile } from "node:fs/promises";
import { Fault } from "@slash28/ports";
import type { AwsCredentials } from "./credentials.ts";
import type { Imds } from "./imds.ts";
import { reasonOf } from "./untrusted.ts";
import { parseAnswer } from "./xml-answer.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The role that EKS's admission gives a pod by its service account's annotation; absent where it has none. */
export interface WebIdentity {
  readonly roleArn: string;
  readonly tokenFile: string;
  readonly sessionName: string;
}

const TIMEOUT_MS = 5_000;
const VERSION = "2011-06-15";

export function webIdentityIn(env: Env): WebIdentity | undefined {
  const { AWS_ROLE_ARN: roleArn, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_SESSION_NAME: given } = env;
  return roleArn && tokenFile ? { roleArn, tokenFile, sessionName: given || "slash28" } : undefined;
}

/** Exchanges the token for a session of the role (`sts:AssumeRoleWithWebIdentity`, which is not signed). The file is read each time: kubelet renews it. */
export async function keysByWebIdentity({ roleArn, tokenFile, sessionName }: WebIdentity, env: Env, imds: Imds): Promise<AwsCredentials> {
  try {
    const token = (await readFile(tokenFile, "utf8")).trim();
    const body = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: VERSION,
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      WebIdentityToken: token,
    });
    const reply = await fetch(await stsEndpoint(env, imds), { method: "POST", body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return readKeys(await reply.text(), reply.status);
  } catch (cause) {
    const detail = cause instanceof Refused ? cause.message : reasonOf(cause);
    throw new Fault("NO_CREDENTIALS", { detail: `STS gave none for ${roleArn}: ${detail}` }, { cause });
  }
}

class Refused extends Error {}

async function stsEndpoint(env: Env, imds: Imds): Promise<string> {
  const given = env["AWS_ENDPOINT_URL_STS"] || env["AWS_ENDPOINT_URL"];
  if (given) return given;
  const region = env["AWS_REGION"] || (await imds.read("meta-data/placement/region")).trim();
  return `https://sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

function readKeys(xml: string, status: number): AwsCredentials {
  const answer = parseAnswer(xml);
  const [error] = answer?.items("Error") ?? [];
  if (error !== undefined) throw new Refused(`${error.text("Code")}: ${error.text("Message")}`);
  const keys = answer?.child("AssumeRoleWithWebIdentityResult")?.child("Credentials");
  const [accessKeyId, secretAccessKey, sessionToken] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map((name) => keys?.text(name));
  const expiresAt = Date.parse(keys?.text("Expiration") ?? "");
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiresAt))
    throw new Refused(`an answer without keys, status ${status}`);
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt };
}
