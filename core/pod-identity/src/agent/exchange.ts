/** Credentials of a session, as EKS Auth gave them for a pod's token. */
export interface PodCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
  readonly association: { readonly id: string; readonly roleArn: string; readonly roleId: string };
}

/** Why a token could not be exchanged. */
export interface ExchangeFailure {
  /** HTTP status for the pod: EKS Auth's own where it answered, 500 where it did not. */
  readonly status: number;
  /** EKS Auth's error code; `Unknown` where it gave none. */
  readonly code: string;
  readonly message: string;
  /** The same token will never be exchanged: credentials it once got are no longer given out. */
  readonly isFinal: boolean;
}

export type Exchanged =
  | { readonly ok: true; readonly credentials: PodCredentials }
  | { readonly ok: false; readonly failure: ExchangeFailure };

/** What EKS Auth answered. */
export interface EksAuthReply {
  readonly status: number;
  /** `x-amzn-requestid`. */
  readonly requestId: string;
  /** `x-amzn-errortype`. */
  readonly errorType: string | undefined;
  readonly body: unknown;
}

/** A refusal that holds for as long as the token does; the service's other errors may pass (EKS Auth API reference, "AssumeRoleForPodIdentity"). */
const FINAL = new Set(["AccessDeniedException", "ExpiredTokenException", "InvalidTokenException", "ResourceNotFoundException"]);
/** Errors of another kind may be tried again within one exchange. */
const REPEATABLE = new Set([429, 500, 502, 503, 504]);

/** Whether a reply is worth another try. */
export function isWorthRetrying(status: number): boolean {
  return REPEATABLE.has(status);
}

/** Credentials or a failure, from what EKS Auth answered; nothing of it is believed unseen. */
export function readReply(reply: EksAuthReply): Exchanged {
  return reply.status === 200 ? readCredentials(reply) : { ok: false, failure: refusalOf(reply) };
}

/** Nobody answered. */
export function noReply(detail: string): ExchangeFailure {
  return { status: 500, code: "Unknown", message: `EKS Auth could not be asked: ${detail}`, isFinal: false };
}

function refusalOf({ status, requestId, errorType, body }: EksAuthReply): ExchangeFailure {
  const said = fieldsOf(body);
  const code = (errorType ?? textOf(said["__type"]) ?? textOf(said["code"]) ?? "Unknown").replace(/^.*#/, "").replace(/:.*$/, "");
  const message = textOf(said["message"]) ?? textOf(said["Message"]) ?? "no reason was given";
  const fault = status >= 500 ? "server" : "client";
  return { status, code, message: `[${requestId}]: (${code}): ${message}, fault: ${fault}`, isFinal: FINAL.has(code) };
}

function readCredentials({ requestId, body }: EksAuthReply): Exchanged {
  const said = fieldsOf(body);
  const keys = fieldsOf(said["credentials"]);
  const user = fieldsOf(said["assumedRoleUser"]);
  const [accessKeyId, secretAccessKey, sessionToken] = [keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"]].map(textOf);
  const expiration = keys["expiration"];
  const roleArn = textOf(user["arn"]);
  if (!accessKeyId || !secretAccessKey || !sessionToken || typeof expiration !== "number") {
    return odd(`[${requestId}]: EKS Auth's answer has no credentials`);
  }
  if (roleArn === undefined) return odd(`[${requestId}]: EKS Auth's answer does not say which role was taken`);
  const accountId = /^arn:[^:]*:sts::(\d{12}):./.exec(roleArn)?.[1];
  if (accountId === undefined) return odd(`[${requestId}]: EKS Auth's answer names no account: ${JSON.stringify(roleArn)}`);
  const id = textOf(fieldsOf(said["podIdentityAssociation"])["associationId"]) ?? "";
  const association = { id, roleArn, roleId: textOf(user["assumeRoleId"]) ?? "" };
  return { ok: true, credentials: { accessKeyId, secretAccessKey, sessionToken, accountId, expiresAtMs: expiration * 1_000, association } };
}

function odd(message: string): Exchanged {
  return { ok: false, failure: { status: 500, code: "Unknown", message, isFinal: false } };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
