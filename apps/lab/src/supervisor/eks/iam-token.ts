import { isSignatureOf, signingTime } from "../../aws/wire/signature.ts";

/** What a `k8s-aws-v1.` token says: a GetCallerIdentity request that its holder has signed. */
export interface IamToken {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly url: URL;
}

export type TokenReading = { readonly ok: true; readonly token: IamToken } | { readonly ok: false; readonly why: string };

const PREFIX = "k8s-aws-v1.";
const CLUSTER_HEADER = "x-k8s-aws-id";
/** A token is good this long, whatever its URL asks for; clients renew it a minute earlier. */
const LIFETIME_MS = 15 * 60_000;
const EXPIRES_MAX_S = 900;
const SIZE_MAX = 8 * 1024;
const PARAMETERS = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);
const STS_HOST = /^sts(?:-fips)?(?:\.[a-z0-9-]+)?\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;
const LOOPBACK_HOST = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

export function isIamToken(bearer: string): boolean {
  return bearer.startsWith(PREFIX);
}

/**
 * Reads a token as aws-iam-authenticator does: a presigned STS URL with nothing in it but GetCallerIdentity, the cluster's header among the signed
 * ones, and not expired. STS's own host may be the lab's endpoint on loopback: a client that is told of that endpoint presigns for it.
 */
export function readIamToken(bearer: string, nowMs: number): TokenReading {
  if (bearer.length > SIZE_MAX) return no("it is too long");
  const url = urlIn(bearer.slice(PREFIX.length));
  if (url === undefined) return no("it holds no URL");
  if (!(url.protocol === "https:" ? STS_HOST : LOOPBACK_HOST).test(url.hostname) && !LOOPBACK_HOST.test(url.hostname)) {
    return no(`${url.hostname} is not STS`);
  }
  if (url.pathname !== "/") return no("its path is not /");
  const odd = [...url.searchParams.keys()].find((name) => !PARAMETERS.has(name.toLowerCase()));
  if (odd !== undefined) return no(`it has a parameter that does not belong there: ${odd}`);
  if (parameter(url, "action") !== "GetCallerIdentity") return no("it is not a request for GetCallerIdentity");
  if (!(parameter(url, "x-amz-signedheaders") ?? "").toLowerCase().split(";").includes(CLUSTER_HEADER)) {
    return no(`${CLUSTER_HEADER} is not among the signed headers`);
  }
  const expired = expiryFault(url, nowMs);
  if (expired !== undefined) return no(expired);
  const [accessKeyId = ""] = (parameter(url, "x-amz-credential") ?? "").split("/");
  if (accessKeyId === "") return no("it names no access key");
  return { ok: true, token: { accessKeyId, sessionToken: parameter(url, "x-amz-security-token"), url } };
}

function no(why: string): TokenReading {
  return { ok: false, why };
}

function urlIn(encoded: string): URL | undefined {
  try {
    return new URL(Buffer.from(encoded, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

function parameter(url: URL, name: string): string | undefined {
  for (const [key, value] of url.searchParams) if (key.toLowerCase() === name) return value;
  return undefined;
}

function expiryFault(url: URL, nowMs: number): string | undefined {
  const signedMs = signingTime(parameter(url, "x-amz-date") ?? "");
  if (signedMs === undefined) return "it has no X-Amz-Date";
  const seconds = Number(parameter(url, "x-amz-expires") ?? Number.NaN);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > EXPIRES_MAX_S) return `X-Amz-Expires must be from 0 to ${EXPIRES_MAX_S}`;
  return nowMs >= signedMs + LIFETIME_MS ? "it has expired" : undefined;
}

/**
 * Whether a token was signed with this secret for this cluster: Signature Version 4 of the URL, with the cluster's name in the header that a token
 * for another cluster was not signed with.
 */
export function isSignedFor({ url }: IamToken, clusterName: string, secret: string): boolean {
  const [, ...scope] = (parameter(url, "x-amz-credential") ?? "").split("/");
  const values: Readonly<Record<string, string>> = { host: url.host, [CLUSTER_HEADER]: clusterName };
  const parts = {
    method: "GET",
    path: "/",
    query: [...url.searchParams].filter(([name]) => name.toLowerCase() !== "x-amz-signature"),
    signedHeaders: parameter(url, "x-amz-signedheaders") ?? "",
    header: (name: string) => values[name] ?? "",
    body: "",
    dateTime: parameter(url, "x-amz-date") ?? "",
    scope: scope.join("/"),
  };
  return isSignatureOf(parameter(url, "x-amz-signature") ?? "", parts, secret);
}
