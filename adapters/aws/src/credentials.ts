import { readFile } from "node:fs/promises";
import { Fault, type Clock } from "@slash28/ports";
import type { Imds } from "./imds.ts";
import { asRecord, textOf } from "./untrusted.ts";
import { keysByWebIdentity, webIdentityIn } from "./web-identity.ts";

/** Keys that sign a request. Never logged. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Milliseconds since the epoch; absent for keys that do not expire. */
  readonly expiresAt?: number;
}

/** Resolves to valid keys; rejects with `NO_CREDENTIALS` when there are none. */
export type CredentialSource = () => Promise<AwsCredentials>;

export interface CredentialOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly imds: Imds;
  readonly clock: Clock;
}

/** Temporary keys are fetched anew this long before they end, as the AWS SDKs do. */
const RENEW_BEFORE_MS = 5 * 60_000;

/**
 * Where a program on a node finds its keys, in the order of the AWS SDKs: environment, web identity (IRSA), container
 * endpoint (Pod Identity, ECS), instance role. Temporary keys are kept until shortly before they end.
 */
export function credentialSource(options: CredentialOptions): CredentialSource {
  let kept: AwsCredentials | undefined;
  let running: Promise<AwsCredentials> | undefined;
  return async () => {
    if (kept !== undefined && !isEnding(kept, options.clock.now())) return kept;
    running ??= fetchCredentials(options).finally(() => {
      running = undefined;
    });
    try {
      kept = await running;
    } catch (cause) {
      // Keys that are near their end still sign; a metadata service that is briefly away must not stop the pool.
      if (kept?.expiresAt !== undefined && kept.expiresAt > options.clock.now()) return kept;
      throw cause;
    }
    return kept;
  };
}

function isEnding(keys: AwsCredentials, now: number): boolean {
  return keys.expiresAt !== undefined && keys.expiresAt - RENEW_BEFORE_MS <= now;
}

async function fetchCredentials({ env, imds }: CredentialOptions): Promise<AwsCredentials> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (id && secret) return { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
  const webIdentity = webIdentityIn(env);
  if (webIdentity !== undefined) return keysByWebIdentity(webIdentity, env, imds);
  if (env["AWS_CONTAINER_CREDENTIALS_FULL_URI"]) return fromContainerEndpoint(env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], env);
  return fromInstanceRole(imds);
}

async function fromContainerEndpoint(uri: string, env: CredentialOptions["env"]): Promise<AwsCredentials> {
  try {
    const tokenFile = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
    const token = tokenFile ? (await readFile(tokenFile, "utf8")).trim() : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    const reply = await fetch(uri, { headers: token ? { authorization: token } : {}, signal: AbortSignal.timeout(5_000) });
    const text = await reply.text();
    if (!reply.ok) throw noKeys(`${uri} answered ${reply.status}`);
    return decodeKeys(text, uri);
  } catch (cause) {
    throw cause instanceof Fault ? cause : noKeys(`${uri}: ${String(cause)}`, cause);
  }
}

async function fromInstanceRole(imds: Imds): Promise<AwsCredentials> {
  const base = "meta-data/iam/security-credentials/";
  const role = (await imds.find(base))?.split("\n")[0]?.trim();
  if (!role) throw noKeys("none in the environment, and the instance has no role");
  return decodeKeys(await imds.read(`${base}${role}`), "the instance role");
}

function decodeKeys(text: string, origin: string): AwsCredentials {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw noKeys(`${origin} did not answer with JSON`, cause);
  }
  const reply = asRecord(parsed);
  const accessKeyId = textOf(reply?.["AccessKeyId"]);
  const secretAccessKey = textOf(reply?.["SecretAccessKey"]);
  const sessionToken = textOf(reply?.["Token"]);
  const expiresAt = Date.parse(textOf(reply?.["Expiration"]) ?? "");
  if (!accessKeyId || !secretAccessKey) throw noKeys(`${origin} answered without keys`);
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}

function noKeys(detail: string, cause?: unknown): Fault {
  return new Fault("NO_CREDENTIALS", { detail }, { cause });
}
