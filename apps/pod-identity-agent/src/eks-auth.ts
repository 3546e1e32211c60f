import { AwsV4Signer } from "aws4fetch";
import { Fault, type Clock } from "@slash28/ports";
import type { CredentialSource } from "@slash28/aws";
import { isWorthRetrying, noReply, readReply, type EksAuthReply, type Exchanged } from "@slash28/pod-identity";

export interface EksAuthOptions {
  /** A URL. */
  readonly endpoint: string;
  readonly region: string;
  readonly clusterName: string;
  /** The node role's keys; it needs `eks-auth:AssumeRoleForPodIdentity`. */
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Exchanges a pod's token for credentials. Never rejects. */
export type ExchangeToken = (token: string) => Promise<Exchanged>;

const TRIES = 3;
/** Nobody's patience depends on it: who asked may have gone, and finds the outcome kept when he comes again. */
const ATTEMPT_MS = 5_000;
const FIRST_PAUSE_MS = 100;

/** EKS Auth's one operation, signed for the node (EKS API reference, "AssumeRoleForPodIdentity"). */
export function createEksAuth(options: EksAuthOptions): ExchangeToken {
  const { clock, random } = options;
  return async (token) => {
    for (let tried = 1; ; tried++) {
      const outcome = await attempt(options, token);
      const isOver = outcome.ok || tried === TRIES || !(outcome.failure.code === "Unknown" || isWorthRetrying(outcome.failure.status));
      if (isOver) return outcome;
      await clock.sleep(random() * FIRST_PAUSE_MS * 2 ** tried);
    }
  };
}

async function attempt(options: EksAuthOptions, token: string): Promise<Exchanged> {
  try {
    return readReply(await send(options, JSON.stringify({ token })));
  } catch (cause) {
    return { ok: false, failure: noReply(reasonOf(cause)) };
  }
}

async function send({ endpoint, region, clusterName, credentials }: EksAuthOptions, body: string): Promise<EksAuthReply> {
  const keys = await credentials();
  const signer = new AwsV4Signer({
    method: "POST",
    url: `${endpoint.replace(/\/+$/, "")}/clusters/${encodeURIComponent(clusterName)}/assume-role-for-pod-identity`,
    headers: { "content-type": "application/json", "user-agent": "slash28-pod-identity-agent" },
    body,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
    service: "eks-auth",
    region,
  });
  const signed = await signer.sign();
  const reply = await fetch(signed.url, { method: "POST", headers: signed.headers, body, signal: AbortSignal.timeout(ATTEMPT_MS) });
  const text = await reply.text();
  return {
    status: reply.status,
    requestId: reply.headers.get("x-amzn-requestid") ?? "no request id",
    errorType: reply.headers.get("x-amzn-errortype") ?? undefined,
    body: jsonOf(text),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The faults of adapters/aws speak of EC2, which has nothing to do with it here. */
function reasonOf(cause: unknown): string {
  if (cause instanceof Fault) {
    const detail = String(cause.fields["detail"] ?? cause.message);
    return cause.code === "NO_CREDENTIALS" ? `this node has no AWS credentials to ask with (${detail}); give its role a profile` : detail;
  }
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error && cause.cause.message !== "" ? cause.cause.message : cause.message;
}
