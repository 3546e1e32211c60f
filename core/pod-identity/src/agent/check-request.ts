/** What a pod's token says of itself. Nobody has checked its signature: EKS Auth does. */
export interface PodToken {
  /** As it was presented. */
  readonly text: string;
  /** Whose it claims to be, the same for every token of one pod: its uid where it names one, else its subject, else the token itself. */
  readonly holder: string;
  /** Milliseconds since the epoch; `undefined` for one that does not say. */
  readonly expiresAtMs: number | undefined;
}

export interface CredentialsRequest {
  /** The `Host` header. */
  readonly host: string | undefined;
  /** The `Authorization` header: the token, without a scheme. */
  readonly authorization: string | undefined;
}

export type CheckedRequest =
  | { readonly ok: true; readonly token: PodToken }
  | { readonly ok: false; readonly status: 400 | 403; readonly message: string };

/** Where the agent answers, whatever it listens at: a page in a browser that was led here by DNS shows another name. */
export const AGENT_HOSTS = ["169.254.170.23", "fd00:ec2::23"] as const;

/** The algorithms a service account's token can be signed with. */
const ALGORITHMS = new Set([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "HS256",
  "HS384",
  "HS512",
]);

/**
 * Whether a request for credentials may be passed on.
 * @param decode base64url to text; `undefined` for what is none
 */
export function checkRequest(
  { host, authorization }: CredentialsRequest,
  nowMs: number,
  decode: (part: string) => string | undefined,
): CheckedRequest {
  if (!isOwnHost(host ?? "")) {
    return {
      ok: false,
      status: 403,
      message: `Access Denied. The Host header must be one of ${AGENT_HOSTS.join(", ")}, and is ${JSON.stringify(host ?? "")}`,
    };
  }
  const text = (authorization ?? "").trim();
  if (text === "") return refused("the Authorization header must hold the pod's service account token, and is empty");
  const payload = readPayload(text, decode);
  if (payload === undefined)
    return refused("the Authorization header does not hold a JSON Web Token; it is sent as it is in the token file, without a scheme");
  const expiresAtMs = secondsOf(payload["exp"]);
  const notBeforeMs = secondsOf(payload["nbf"]);
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return refused("the service account token has expired; read the token file anew");
  if (notBeforeMs !== undefined && notBeforeMs > nowMs)
    return refused("the service account token is not valid yet; check the clocks of this node and of the cluster");
  return { ok: true, token: { text, holder: holderOf(payload) ?? text, expiresAtMs } };
}

function refused(message: string): CheckedRequest {
  return { ok: false, status: 400, message };
}

/** Port and brackets do not count. */
function isOwnHost(host: string): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([^:]*)(?::\d+)?)$/.exec(host) ?? [];
  const name = (bracketed ?? plain ?? host).toLowerCase();
  return AGENT_HOSTS.some((own) => own === name);
}

type Payload = Readonly<Record<string, unknown>>;

function readPayload(text: string, decode: (part: string) => string | undefined): Payload | undefined {
  const parts = text.split(".");
  const [header, payload] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || parts.some((part) => !/^[A-Za-z0-9_-]+$/.test(part)))
    return undefined;
  const { alg } = objectIn(decode(header)) ?? {};
  return typeof alg === "string" && ALGORITHMS.has(alg) ? objectIn(decode(payload)) : undefined;
}

function objectIn(text: string | undefined): Payload | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Payload) : undefined;
  } catch {
    return undefined;
  }
}

function secondsOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value * 1_000 : undefined;
}

/** The issuer belongs to it: two clusters may share nothing but a uid. */
function holderOf(payload: Payload): string | undefined {
  const bound = payload["kubernetes.io"] as { readonly pod?: { readonly uid?: unknown } } | null | undefined;
  const uid = bound?.pod?.uid;
  const who = typeof uid === "string" && uid !== "" ? uid : payload["sub"];
  return typeof who === "string" && who !== "" ? JSON.stringify([payload["iss"], who]) : undefined;
}
