import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What of a request Signature Version 4 covers. */
export interface SignedParts {
  readonly method: string;
  /** As it stands in the URL, percent-encoded. */
  readonly path: string;
  /** Without the signature itself; decoded. */
  readonly query: Iterable<readonly [name: string, value: string]>;
  /** Names of the headers that were signed, as the request lists them: lower case, `;` between. */
  readonly signedHeaders: string;
  readonly header: (name: string) => string;
  readonly body: Uint8Array | string;
  /** `20260102T030405Z` */
  readonly dateTime: string;
  /** `20260102/us-east-1/ec2/aws4_request` */
  readonly scope: string;
}

/**
 * Whether `given`, in hex, is the signature of a request by the holder of this secret (IAM User Guide, "Create a signed AWS API request"). The path is
 * encoded once more, as every service but S3 has it.
 */
export function isSignatureOf(given: string, parts: SignedParts, secret: string): boolean {
  const canonical = [
    parts.method,
    parts.path
      .replaceAll(/\/{2,}/g, "/")
      .split("/")
      .map(encoded)
      .join("/"),
    canonicalQuery(parts.query),
    ...parts.signedHeaders.split(";").map((name) => `${name}:${parts.header(name).trim().replaceAll(/\s+/g, " ")}`),
    "",
    parts.signedHeaders,
    sha256(parts.body),
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", parts.dateTime, parts.scope, sha256(canonical)].join("\n");
  const key = parts.scope.split("/").reduce<Buffer>((signing, part) => hmac(signing, part), Buffer.from(`AWS4${secret}`));
  const wanted = hmac(key, toSign);
  const bytes = Buffer.from(given, "hex");
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
}

/** Milliseconds since the epoch of `20260102T030405Z`; `undefined` for anything else. */
export function signingTime(dateTime: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(dateTime) ?? [];
  if (year === undefined) return undefined;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

function canonicalQuery(query: SignedParts["query"]): string {
  return [...query]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .toSorted(([a, one], [b, other]) => compare(a, b) || compare(one, other))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** RFC 3986: everything but unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
